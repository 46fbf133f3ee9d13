/*
 * What the recorder asks the vendor's libraries, in plain types: only wrap_*.c know the vendor's.
 * All go to the real functions, at depth 1, and leave the thread's last CUDA error as it was.
 */
#ifndef GRAPHPROF_VENDOR_H
#define GRAPHPROF_VENDOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The calling thread's device, 0 if that cannot be told. */
int gp_vendor_current_device(void);
/* How many devices the program may use, 1 if that cannot be told. */
int gp_vendor_device_count(void);
/* The device of a stream that the program made (CUDA 12.8 and later), and that of device memory; -1
   if that cannot be told now. */
int gp_vendor_stream_device(const void *stream);
int gp_vendor_memory_device(const void *address);
bool gp_vendor_device(int device, char *name, size_t name_size, uint64_t *total_bytes);
/* "0000:3b:00.0" */
bool gp_vendor_bus_id(int device, char *bus, size_t bus_size);
/* Whether the calling thread has a context of the driver's: asking for memory would make one. False
   also where no driver is loaded. */
bool gp_vendor_has_context(void);

/* Free and total bytes of the current device, as the driver says: may cost 100 us. */
bool gp_vendor_memory(uint64_t *free_bytes, uint64_t *total_bytes);
struct gp_vendor_pool {
    uint64_t used, used_high, reserved, reserved_high;
};
/* The default pool of the device. */
bool gp_vendor_pool(int device, struct gp_vendor_pool *pool);

/* Whether the stream is being captured, and into which graph (its handle, 0 if that cannot be
   told). `per_thread`: stream 0 is the thread's own. The legacy stream never is, and is not asked
   about. */
bool gp_vendor_stream_graph(const void *stream, bool per_thread, uint64_t *graph);

/* Version numbers as the libraries give them; 0 if not loaded. */
int gp_vendor_cudart_version(void);
int gp_vendor_driver_version(void);
int gp_vendor_cudnn_version(void);
int gp_vendor_cublas_version(void);

/* The kernel behind a function pointer or cudaKernel_t, which is known to be valid. Its name lives
   as long as the kernel. NULL, and false past the last parameter; both also if that cannot be told
   now. */
const char *gp_vendor_kernel_name(const void *function);
bool gp_vendor_kernel_parameter(const void *function, unsigned i, size_t *bytes);
/* Whether an error of the program's is waiting to be asked for: a query that fails would replace
 * it. */
bool gp_vendor_error_waits(void);

#endif
