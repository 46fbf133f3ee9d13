/* Streams and events keep no queue: work is done in the caller's thread before the call returns. */
#ifndef SOFTGPU_CUDART_STREAM_H
#define SOFTGPU_CUDART_STREAM_H

#include <stdbool.h>
#include <cuda_runtime_api.h>

/* The default streams are always valid. */
bool sg_stream_valid(cudaStream_t stream);

/* Whether the legacy default stream waits for it, and it for the legacy stream. */
bool sg_stream_blocks(cudaStream_t stream);

/* The device that was current when a valid stream was made; a default stream's: that is now. */
int sg_stream_device(cudaStream_t stream);

#define SG_ENTER_STREAM(stream)                                                                    \
    do {                                                                                           \
        SG_ENTER();                                                                                \
        if (!sg_stream_valid(stream))                                                              \
            return sg_return(cudaErrorInvalidResourceHandle);                                      \
    } while (0)

#endif
