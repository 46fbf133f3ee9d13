/*
 * The environment, read once, at the first call:
 *   SOFTGPU_DEVICES     how many devices there are, 1 to 16 (default 1)
 *   SOFTGPU_MEMORY      a device's capacity in bytes, or with K, M or G behind it (default 8G)
 *   SOFTGPU_FAIL_ALLOC  the n-th device allocation of the process, from 1, fails (default: none)
 *   SOFTGPU_POISON      yes: new allocations are filled with 0xff, NaN in every float format, so
 *                       that a program that counts on zeros is found out (default no)
 */
#ifndef SOFTGPU_CUDART_OPTIONS_H
#define SOFTGPU_CUDART_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#define SG_DEVICES_MAX 16

struct sg_options {
    bool bad;    /* a value could not be read; one line on stderr has said so */
    int devices; /* 1 to SG_DEVICES_MAX */
    size_t memory_bytes;
    unsigned long long fail_alloc; /* 0: none */
    bool poison;
};

/* Any thread. */
const struct sg_options *sg_options(void);

#endif
