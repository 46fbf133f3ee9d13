/*
 * Writes synthetic captures, record by record, for tests whose answers are worked out by hand. One
 * clock for all threads: each record is stamped with `now_ns`, which the test moves. The APIs that
 * tests use are rows of a table written at the begin.
 */
#ifndef TESTS_UNIT_CAPTURE_BUILDER_H
#define TESTS_UNIT_CAPTURE_BUILDER_H

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "analysis.h"
#include "graphprof/capture_format.h"

/* Numbers of the APIs in every built capture; operands in brackets. */
enum build_api {
    API_MALLOC = 1,
    API_FREE,
    API_LAUNCH,
    API_MEMCPY,        /* W(dst, any) R(src, any) */
    API_MEMSET,        /* W(devPtr, any) */
    API_CONV_FORWARD,  /* R(x, activation) R(w, parameter) S(ws, workspace) W(y, activation) */
    API_CONV_BACKWARD, /* R(x, activation) R(dy, activation_grad) R(w, parameter) W(dw, gradient)
                          W(dx, activation_grad) */
    API_BATCH_NORM,    /* R(x, activation) W(y, activation) R(bnScale, parameter)
                          A(resultRunningMean, buffer) */
    API_GEMM,          /* R(A, any) R(B, any) W(C, any) */
    API_SYNC,
    API_LIBRARY, /* memory that a library takes for itself */
    API_CREATE,
    API_MEM_CREATE /* physical memory that the driver gave out */
};

struct builder {
    unsigned char *data;
    size_t size;
    size_t capacity;
    uint64_t now_ns;
    uint64_t thread_ns[16];
    char *strings[256];
    uint32_t n_strings;
    char path[64]; /* of the file, once written */
};

/* A header, thread 0 and the API table. */
void build_begin(struct builder *builder);
void build_end(struct builder *builder); /* frees, and removes the file */

/* The id of a text, written once. */
uint32_t build_string(struct builder *builder, const char *text);

/* Any record: `words` of payload. */
void build_record(struct builder *builder, uint32_t thread, uint32_t type, const void *payload,
                  size_t words);

void build_thread(struct builder *builder, uint32_t thread);
void build_text(struct builder *builder, const char *key, const char *value);
void build_device(struct builder *builder, unsigned device, const char *name);
void build_push(struct builder *builder, uint32_t thread, const char *name);
void build_pop(struct builder *builder, uint32_t thread);
void build_push_in(struct builder *builder, uint32_t thread, const char *domain, const char *name);
void build_pop_in(struct builder *builder, uint32_t thread, const char *domain);
void build_start(struct builder *builder, uint32_t thread, uint64_t range, const char *name);
void build_stop(struct builder *builder, uint32_t thread, uint64_t range);
void build_alloc(struct builder *builder, uint32_t thread, uint64_t address, uint64_t bytes);
void build_alloc_as(struct builder *builder, uint32_t thread, uint64_t address, uint64_t bytes,
                    unsigned device, enum gp_space space);
/* Physical memory: a handle and bytes. */
void build_mem_create(struct builder *builder, uint32_t thread, uint64_t handle, uint64_t bytes);
void build_free(struct builder *builder, uint32_t thread, uint64_t address);
void build_free_as(struct builder *builder, uint32_t thread, uint64_t address, enum gp_space space);
void build_free_failed(struct builder *builder, uint32_t thread, uint64_t address);
void build_reset(struct builder *builder, uint32_t thread, unsigned device);
void build_mark(struct builder *builder, uint32_t thread, const char *text);
void build_detail(struct builder *builder, unsigned on);
void build_sample(struct builder *builder, uint64_t used_high, uint64_t reserved_high);
/* Bytes in use; of the default pool UINT64_MAX where it is not known. */
void build_sample_at(struct builder *builder, enum gp_sample_moment moment, uint64_t used,
                     uint64_t pool_used, uint64_t pool_reserved);
void build_library_alloc(struct builder *builder, uint32_t thread, uint64_t address,
                         uint64_t bytes);
/* Work on the GPU: timed from here on or not; submitted; run. */
void build_timed(struct builder *builder, unsigned on);
void build_submit(struct builder *builder, uint32_t thread, uint32_t correlation);
void build_submit_copy(struct builder *builder, uint32_t thread, uint32_t correlation);
void build_ran(struct builder *builder, uint32_t thread, uint32_t correlation, const char *kernel,
               uint64_t start_ns, uint64_t end_ns);
/* CUDA graphs by their handles. */
void build_graph(struct builder *builder, uint32_t thread, enum gp_graph_event what, uint64_t graph,
                 uint64_t exec, unsigned flags);
void build_graph_memory(struct builder *builder, uint32_t thread, uint64_t graph, uint64_t address,
                        uint64_t bytes);
/* A node that is work; `correlation` of the call that was captured. */
void build_graph_node(struct builder *builder, uint32_t thread, uint64_t graph, uint64_t node,
                      uint64_t original, uint32_t correlation);
void build_ran_in_graph(struct builder *builder, uint32_t correlation, uint64_t node,
                        const char *kernel, uint64_t start_ns, uint64_t end_ns);
void build_gpu_lost(struct builder *builder, uint64_t records);
void build_close(struct builder *builder);

/* A call with its operands, ended by UINT64_MAX. */
void build_call(struct builder *builder, uint32_t thread, enum build_api api, ...);
#define BUILD_CALL(builder, thread, ...) build_call(builder, thread, __VA_ARGS__, UINT64_MAX)
/* A kernel's launch; operands ended by UINT64_MAX. */
void build_launch(struct builder *builder, uint32_t thread, const char *kernel, ...);
#define BUILD_LAUNCH(builder, thread, ...)                                                         \
    build_launch(builder, thread, __VA_ARGS__, (uint64_t)UINT64_MAX)

/* Writes the first `bytes` of what was built to builder->path. */
void build_write(struct builder *builder, size_t bytes);

/* Writes all and analyses it with these step patterns (NULL: as recorded). */
enum analysis_result build_analyse(struct builder *builder, struct analysis *analysis,
                                   const char *patterns);

/* The row of that name, or a failed test. */
const struct node_row *node_row_named(const struct analysis *analysis, const char *name);
const struct tensor *tensor_named(const struct analysis *analysis, const char *name);

#endif
