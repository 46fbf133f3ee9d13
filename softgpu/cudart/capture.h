/*
 * Stream capture: what is submitted to a stream between cudaStreamBeginCapture and
 * cudaStreamEndCapture becomes nodes of a graph. One stream a capture: events, which tie further
 * streams to it, are refused, and so is what cuDNN and cuBLAS do. A call that capture does not
 * allow makes the capture invalid, as in CUDA; it then ends without a graph.
 */
#ifndef SOFTGPU_CUDART_CAPTURE_H
#define SOFTGPU_CUDART_CAPTURE_H

#include <cuda_runtime_api.h>

/* *graph: what work in the stream is captured into; NULL, it is to be done now. The error, if it
 * can be neither: the capture is invalid, or the legacy stream would wait for one. */
cudaError_t sg_capture_of(cudaStream_t stream, cudaGraph_t *graph);

/* The error of a call that waits for the stream, or asks how far it is. cudaSuccess: it may. */
cudaError_t sg_capture_forbids_waiting(cudaStream_t stream);
/* The same for the whole device. */
cudaError_t sg_capture_forbids_waiting_for_all(void);

/* The error of a call that may wait unseen, as cudaMalloc: it is forbidden in this thread's
 * captures, and in all threads by a capture of mode Global, except where the mode is Relaxed. */
cudaError_t sg_capture_forbids_unsafe(void);

/* The error of a call in a captured stream that only softgpu refuses; a line names it. */
cudaError_t sg_capture_lacks(cudaStream_t stream, const char *name);

/* A library's function is about to work: in a capture of the calling thread it is refused by name.
 */
void sg_capture_refuses_library(const char *name);

#endif
