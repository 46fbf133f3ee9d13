/*
 * The wrapper that a row of the table becomes. Included by wrap_*.c after the vendor's header,
 * which defines GP_NOT_FOUND, what the API returns when its library is not there, and
 * GP_STREAM(api, args), the stream of a call that gives work to the GPU (wrap_stream.h).
 *
 * Order: find the real function; enter the depth guard; a free is recorded before the real call
 * (its address may be handed to another thread before the call returns); the real call, with no
 * lock of ours held; the event, if it succeeded; leave. The status goes back unchanged, errno is as
 * the real call left it.
 */
#ifndef GRAPHPROF_WRAP_H
#define GRAPHPROF_WRAP_H

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_table.h"
#include "cuda_graphs.h"
#include "depth.h"
#include "device_sample.h"
#include "emit.h"
#include "event_time.h"
#include "export.h"
#include "gpu_time.h"
#include "kernel_params.h"
#include "resolve.h"
#include "step_calls.h"

struct gp_wrapped {
    int saved_errno;
    bool recorded; /* the call is the program's own */
};

static inline void *gp_wrap_begin(struct gp_wrapped *call, enum gp_api api)
{
    call->saved_errno = errno;
    call->recorded = gp_depth_enter();
    return gp_resolve(api);
}
static inline void gp_wrap_end(const struct gp_wrapped *call)
{
    gp_depth_leave();
    errno = call->saved_errno;
}

/* The bytes of a NEW(), 0 for host memory. */
static inline uint64_t gp_wrap_device_bytes(const void *address, uint64_t bytes,
                                            enum gp_space space, const void *stream)
{
    (void)address;
    (void)stream;
    return space == GP_SPACE_HOST ? 0 : bytes;
}

/* What stands in a row's last place, as arguments of the emit functions ... */
#define NEW(address, bytes, space, stream) address, bytes, GP_SPACE_##space, stream
#define OLD(address, space, stream)        address, GP_SPACE_##space, stream
#define KERNEL(function, arguments)        function, arguments
/* ... and as the addresses of the operands. */
#define R_AT(name, address, role) (uint64_t)(uintptr_t)(address),
#define W_AT(name, address, role) (uint64_t)(uintptr_t)(address),
#define R(address, role)          (uint64_t)(uintptr_t)(address),
#define W(address, role)          (uint64_t)(uintptr_t)(address),
#define A(address, role)          (uint64_t)(uintptr_t)(address),
#define S(address, role)          (uint64_t)(uintptr_t)(address),

#define WATCHED(statement)     statement
#define LAUNCHED(exec, stream) exec, stream

#define GP_FIRST(first, ...) first

/* What a class does before the real call, after it succeeded, and after it failed. */
#define GP_BEFORE_ALLOC(...)                                                                       \
    if (gp_device_sample_is_first()) {                                                             \
        gp_gpu_time_prepare();                                                                     \
        gp_device_sample_before_alloc();                                                           \
    }                                                                                              \
    gp_in_memory_call = true;
#define GP_BEFORE_FREE(...)                                                                        \
    gp_emit_free(api, __VA_ARGS__);                                                                \
    gp_in_memory_call = true;
#define GP_BEFORE_LAUNCH(...)  gp_device_sample_before_call();
#define GP_BEFORE_COMPUTE(...) gp_device_sample_before_call();
#define GP_BEFORE_COPY(...)    gp_device_sample_before_call();
#define GP_BEFORE_SYNC(...)    gp_device_sample_before_call();
#define GP_BEFORE_CALL(...)    gp_device_sample_before_call();
#define GP_BEFORE_HANDLE(...)                                                                      \
    gp_gpu_time_prepare();                                                                         \
    gp_device_sample_before_handle();
#define GP_BEFORE_WATCH(...)
#define GP_BEFORE_WATCH_BEFORE(watched) watched;
#define GP_BEFORE_WATCH_ALWAYS(...)
#define GP_BEFORE_NODE(...)
#define GP_BEFORE_REPLAY(...) gp_device_sample_before_call();
#define GP_BEFORE_GRAPH(...)  gp_device_sample_before_call();
#define GP_BEFORE_RESET(...)                                                                       \
    gp_gpu_time_reset();                                                                           \
    gp_emit_device_reset();                                                                        \
    gp_in_memory_call = true;

/* And at last before the real call, where that gives work to the GPU. */
#define GP_WORK(args)                                                                              \
    if (gp_event_time_wants())                                                                     \
        gp_event_time_submit(GP_STREAM(api, args));
#define GP_SUBMIT_ALLOC(args)
#define GP_SUBMIT_FREE(args)
#define GP_SUBMIT_LAUNCH(args)  GP_WORK(args)
#define GP_SUBMIT_COMPUTE(args) GP_WORK(args)
#define GP_SUBMIT_COPY(args)    GP_WORK(args)
#define GP_SUBMIT_SYNC(args)
#define GP_SUBMIT_CALL(args)
#define GP_SUBMIT_HANDLE(args)
#define GP_SUBMIT_WATCH(args)
#define GP_SUBMIT_WATCH_BEFORE(args)
#define GP_SUBMIT_WATCH_ALWAYS(args)
#define GP_SUBMIT_NODE(args)
#define GP_SUBMIT_REPLAY(args) GP_WORK(args)
#define GP_SUBMIT_GRAPH(args)  GP_WORK(args)
#define GP_SUBMIT_RESET(args)

#define GP_AFTER_ALLOC(...)                                                                        \
    gp_emit_alloc(api, __VA_ARGS__);                                                               \
    gp_device_sample_after_alloc(gp_wrap_device_bytes(__VA_ARGS__));
#define GP_AFTER_FREE(...)
#define GP_AFTER_LAUNCH(...)                                                                       \
    gp_emit_launch(api, __VA_ARGS__);                                                              \
    gp_device_sample_after_call();
#define GP_AFTER_COMPUTE(...) GP_AFTER_CALL(__VA_ARGS__)
#define GP_AFTER_COPY(...)    GP_AFTER_CALL(__VA_ARGS__)
#define GP_AFTER_SYNC(...)    GP_AFTER_CALL(__VA_ARGS__)
#define GP_AFTER_HANDLE(...)                                                                       \
    GP_AFTER_OPERANDS(__VA_ARGS__)                                                                 \
    gp_device_sample_after_handle();
#define GP_AFTER_RESET(...)
#define GP_AFTER_WATCH(watched) watched;
#define GP_AFTER_WATCH_BEFORE(...)
#define GP_AFTER_WATCH_ALWAYS(watched) watched;
#define GP_AFTER_NODE(watched)         watched;
#define GP_AFTER_REPLAY(...)                                                                       \
    gp_cuda_graphs_launched(api, __VA_ARGS__);                                                     \
    GP_AFTER_CALL()
#define GP_AFTER_OPERANDS(...)                                                                     \
    const uint64_t addresses[] = {__VA_ARGS__ 0};                                                  \
    gp_emit_call(api, addresses, sizeof addresses / sizeof addresses[0] - 1, 0);
#define GP_AFTER_CALL(...)                                                                         \
    GP_AFTER_OPERANDS(__VA_ARGS__)                                                                 \
    gp_device_sample_after_call();

#define GP_REFUSED_ALLOC(...)
#define GP_REFUSED_FREE(...) gp_emit_free_failed(GP_FIRST(__VA_ARGS__, 0));
#define GP_REFUSED_LAUNCH(...)
#define GP_REFUSED_COMPUTE(...)
#define GP_REFUSED_COPY(...)
#define GP_REFUSED_SYNC(...)
#define GP_REFUSED_CALL(...)
#define GP_REFUSED_HANDLE(...)
#define GP_REFUSED_RESET(...)
#define GP_REFUSED_WATCH(...)
#define GP_REFUSED_WATCH_BEFORE(...)
#define GP_REFUSED_WATCH_ALWAYS(watched) watched;
#define GP_REFUSED_NODE(...)
#define GP_REFUSED_REPLAY(...)
#define GP_REFUSED_GRAPH(...)

#define GP_API(class, ret, name, params, args, ...)                                                \
    GP_EXPORT ret name params                                                                      \
    {                                                                                              \
        const enum gp_api api = GP_API_##name;                                                     \
        struct gp_wrapped call;                                                                    \
        __typeof__(&name) const real = (__typeof__(&name))gp_wrap_begin(&call, api);               \
        if (!real) {                                                                               \
            gp_wrap_end(&call);                                                                    \
            return GP_NOT_FOUND;                                                                   \
        }                                                                                          \
        if (call.recorded) {                                                                       \
            GP_BEFORE_##class(__VA_ARGS__) GP_SUBMIT_##class(args)                                 \
        }                                                                                          \
        errno = call.saved_errno;                                                                  \
        const ret status = real args;                                                              \
        call.saved_errno = errno;                                                                  \
        if (call.recorded)                                                                         \
            gp_in_memory_call = false;                                                             \
        if (call.recorded && status == 0) {                                                        \
            GP_AFTER_##class(__VA_ARGS__) gp_step_calls_after(api);                                \
        }                                                                                          \
        if (call.recorded && status != 0) {                                                        \
            GP_REFUSED_##class(__VA_ARGS__)                                                        \
        }                                                                                          \
        gp_wrap_end(&call);                                                                        \
        return status;                                                                             \
    }

/* No function. */
#define GP_API_VIRTUAL(name, what, ...)

/* The vendor's header declares a twin only to programs that are compiled for per-thread streams. */
#define GP_API_TWIN(suffix, class, ret, name, params, args, ...)                                   \
    extern __typeof__(name) name##suffix;                                                          \
    GP_API(class, ret, name, params, args, __VA_ARGS__)                                            \
    GP_API(class, ret, name##suffix, params, args, __VA_ARGS__)

#endif
