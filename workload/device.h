/*
 * The device as the run uses it: one stream, the library handles, and how tensors are laid out,
 * multiplied and allocated. Main thread only.
 */
#ifndef WORKLOAD_DEVICE_H
#define WORKLOAD_DEVICE_H

#include "options.h"

#include <cublas_v2.h>
#include <cuda_runtime_api.h>
#include <cudnn.h>
#include <stddef.h>

struct device {
    cudaStream_t stream;
    cudnnHandle_t cudnn;
    cublasHandle_t cublas;
    enum precision precision;
    enum layout layout;
    enum allocator allocator;
    enum deterministic deterministic;
};

/* Opens device 0. Any failure ends the program with one line. */
struct device device_open(const struct options *options);
void device_close(struct device *device);

cudnnTensorFormat_t device_format(const struct device *device);

/*
 * A piece of device memory with a count of its users: a gradient that flows through an addition is
 * one buffer for both of its inputs. Not NULL-tolerant except where said.
 */
struct buffer {
    void *data;
    int users;
};

/*
 * With --allocator malloc each buffer is a cudaMalloc, with async a cudaMallocAsync on the stream.
 * Out of memory ends the program, naming the current range, the bytes asked for and those free.
 */
struct buffer *buffer_new(const struct device *device, size_t bytes);
struct buffer *buffer_share(struct buffer *buffer);
/* One user less; the last one frees. Sets *buffer to NULL; NULL there already is fine. */
void buffer_release(const struct device *device, struct buffer **buffer);

#endif
