/*
 * The stream of a call, from the arguments in its row: of the runtime and cuBLASLt it is the last
 * argument or stands in a launch's configuration, else it is the default one; cuDNN and cuBLAS are
 * asked for that of the handle, which is the first argument. The types tell, so that no row has to
 * say it a second time.
 *
 * GP_STREAM_LAST(args): the last argument if it is a stream, NULL if it is none.
 * GP_STREAM_OF_FIRST(args, type, of): of(the first argument) if it has that type, else unknown.
 */
#ifndef GRAPHPROF_WRAP_STREAM_H
#define GRAPHPROF_WRAP_STREAM_H

#include <driver_types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api_table.h"
#include "event_time.h"

/* A row's arguments in their parentheses are an expression of which the last counts; that the
   others have no effect is meant. */
#pragma GCC diagnostic ignored "-Wunused-value"
#define GP_STREAM_LAST(args) _Generic(args, cudaStream_t : args, default : (cudaStream_t)NULL)

#define GP_STREAM_FIRST_OF(first, ...) first
#define GP_STREAM_OF_FIRST(args, type, of)                                                         \
    _Generic(&(GP_STREAM_FIRST_OF args), type * : (of), const type *: (of),                        \
             default: gp_stream_unknown)(&(GP_STREAM_FIRST_OF args))

static inline void *gp_stream_unknown(const void *argument)
{
    (void)argument;
    return GP_STREAM_UNKNOWN;
}

/* A call's stream 0 by the name that it has in every call. */
static inline void *gp_stream_named(enum gp_api api, cudaStream_t stream)
{
    if (stream)
        return stream;
    return gp_api_rows[api].per_thread_stream ? cudaStreamPerThread : cudaStreamLegacy;
}

#endif
