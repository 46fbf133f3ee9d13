/*
 * Events become records here. Every function may be called by any thread, at depth 1 (depth.h),
 * opens the capture if it is the first, does nothing where nothing is recorded, and never fails
 * towards the caller. Addresses are those of the program.
 */
#ifndef GRAPHPROF_EMIT_H
#define GRAPHPROF_EMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_table.h"
#include "graphprof/capture_format.h"

struct gp_thread;

/* The tag of a stream in a call of `api`: the stream's handle, hashed; 0 the default stream. */
uint32_t gp_stream_tag(enum gp_api api, const void *stream);
/* Whether a handle means a default stream, which belongs to whatever device is current. */
bool gp_stream_is_default(const void *stream);

/* After a successful call. Nothing for a null address. `stream` is the handle. */
void gp_emit_alloc(enum gp_api api, const void *address, uint64_t bytes, enum gp_space space,
                   const void *stream);
/* Before the call; after it, if it was refused. */
void gp_emit_free(enum gp_api api, const void *address, enum gp_space space, const void *stream);
void gp_emit_free_failed(const void *address);

/* A caching allocator gives out a block of that many bytes; less than 0: takes it back. */
void gp_emit_block(enum gp_api api, const void *address, int64_t bytes, uint8_t device);

/* After a successful call. `addresses` as in the api's row (for a launch: all touched). */
void gp_emit_call(enum gp_api api, const uint64_t *addresses, unsigned n, uint32_t aux);
/* Before the call. */
void gp_emit_device_reset(void);

/* Memory that the driver gave out or takes back, other than through an intercepted function;
   nothing for a null address. `library`: a library took it for itself. The device as the runtime
   counts. */
void gp_emit_driver_alloc(enum gp_driver_api api, bool library, uint64_t address, uint64_t bytes,
                          enum gp_space space, uint8_t device);
void gp_emit_driver_free(enum gp_driver_api api, uint64_t address, enum gp_space space,
                         uint8_t device);
void gp_emit_driver_free_failed(uint64_t address);
/* The number of such a function in the capture; what a library takes has one of its own. */
uint16_t gp_driver_number(enum gp_driver_api api, bool library);
/* Physical memory is mapped there; handle 0: no longer; 0 bytes: a further handle of it. */
void gp_emit_map(uint64_t address, uint64_t bytes, uint64_t handle);

/* NVTX. Names and domains are string ids. */
void gp_emit_range_push(uint32_t name, uint32_t domain);
void gp_emit_range_pop(uint32_t domain);
void gp_emit_range_start(uint64_t range, uint32_t name, uint32_t domain);
void gp_emit_range_end(uint64_t range, uint32_t domain);
void gp_emit_mark(uint32_t name, uint32_t domain);
void gp_emit_detail(bool on);

/* Timed work on the GPU; nothing is written once the capture is closed. */
void gp_emit_timed(bool on, uint64_t gpu_clock_ns);
void gp_emit_correlation(uint32_t correlation, enum gp_gpu_work work);
void gp_emit_kernel(const struct gp_record_kernel *kernel);
void gp_emit_gpu_lost(uint64_t records);

/* CUDA graphs, by their handles. */
void gp_emit_graph(enum gp_graph_event what, uint64_t graph, uint64_t exec, uint32_t flags);
/* A memory node; bytes 0: it frees. Nothing for a null address. `api`: a function's number. */
void gp_emit_graph_memory(uint16_t api, uint8_t device, uint64_t graph, uint64_t address,
                          uint64_t bytes);
void gp_emit_graph_node(const struct gp_record_graph_node *node);

void gp_emit_device_sample(const struct gp_record_device_sample *sample);

/* Parts of the capture that are no events of the program's. They are written if the capture is
   being opened or is open. */
void gp_emit_thread(struct gp_thread *thread, uint64_t os_tid);
void gp_emit_api(enum gp_api api);
void gp_emit_driver_apis(void);
void gp_emit_text(const char *key, const char *value);
void gp_emit_device(uint32_t device, const char *name, uint64_t total_bytes);
/* The last record. */
void gp_emit_close(void);
/* Whether it was written. */
bool gp_emit_string(uint32_t id, const char *bytes, uint32_t length);
bool gp_emit_kind(const struct gp_record_kind *kind);

#endif
