/*
 * libcupti, loaded when GPU work is first to be timed. It is never unloaded, finalised or asked for
 * more than stands in cupti_functions.def: it may be shared with the program.
 */
#ifndef GRAPHPROF_CUPTI_LIBRARY_H
#define GRAPHPROF_CUPTI_LIBRARY_H

#include <cupti.h>

#include <stdbool.h>
#include <stddef.h>

struct gp_cupti_functions {
#define GP_CUPTI(name) __typeof__(&(name)) name;
#include "cupti_functions.def"
#undef GP_CUPTI
};

/* The real functions, once gp_cupti_load has returned true. */
extern struct gp_cupti_functions gp_cupti;

/* Finds libcupti and its functions. False: `why` says what is missing. Once. */
bool gp_cupti_load(char *why, size_t why_bytes);

#endif
