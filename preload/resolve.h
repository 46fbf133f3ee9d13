/*
 * Finds the real functions. Only this module looks symbols up. A library that the program loads
 * later is found then: what was not found is looked for again at the next call.
 */
#ifndef GRAPHPROF_RESOLVE_H
#define GRAPHPROF_RESOLVE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "api_table.h"

/* Functions that the recorder calls but does not intercept: GP_QUERY(library, name) in queries.def.
 */
enum gp_query {
#define GP_QUERY(library, name) GP_QUERY_##name,
#include "queries.def"
#undef GP_QUERY
    GP_QUERY_COUNT
};

#define GP_REAL_COUNT ((unsigned)GP_API_COUNT + (unsigned)GP_QUERY_COUNT)
extern void *_Atomic gp_real[GP_REAL_COUNT];

/* Searches again; NULL if no loaded library has it. May change errno. */
void *gp_resolve_slow(unsigned index);

/* The address of the real function, or NULL. */
static inline void *gp_resolve(enum gp_api api)
{
    void *real = atomic_load_explicit(&gp_real[api], memory_order_acquire);
    return real ? real : gp_resolve_slow(api);
}
static inline void *gp_resolve_query(enum gp_query query)
{
    const unsigned index = (unsigned)GP_API_COUNT + (unsigned)query;
    void *real = atomic_load_explicit(&gp_real[index], memory_order_acquire);
    return real ? real : gp_resolve_slow(index);
}

/* A library by its soname or path, if it is loaded already or, with `load`, loading it; never
   closed. NULL if that cannot be. */
void *gp_resolve_open(const char *file, bool load);
/* The address of its function, or NULL. */
void *gp_resolve_in(void *library, const char *name);

/* The path of this library, or NULL. */
const char *gp_own_path(void);

/* What has that name in a copy of this library that was loaded from another file and has begun in
   this process; NULL if there is none. */
void *gp_resolve_in_other_copy(const char *name);

#endif
