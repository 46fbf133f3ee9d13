/* c10::reportMemoryUsageToProfiler(void *, int64_t, size_t, size_t, c10::Device), in C. */
#ifndef TESTS_CACHING_LIBRARY_H
#define TESTS_CACHING_LIBRARY_H

#include <stddef.h>
#include <stdint.h>

#define C10_REPORT _ZN3c1027reportMemoryUsageToProfilerEPvlmmNS_6DeviceE

struct c10_device {
    int8_t type;
    int8_t index;
};

void C10_REPORT(void *ptr, int64_t alloc_size, size_t total_allocated, size_t total_reserved,
                struct c10_device device);

/* What came in at the library's own function: how often, and a sum over all parameters. */
unsigned caching_told(void);
long long caching_sum(void);

#endif
