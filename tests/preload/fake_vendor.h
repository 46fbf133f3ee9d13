#ifndef TESTS_PRELOAD_FAKE_VENDOR_H
#define TESTS_PRELOAD_FAKE_VENDOR_H

#include <stdbool.h>
#include <stddef.h>

struct fake_vendor {
    unsigned asked_driver; /* times */
    unsigned asked_kernel;
    bool error_waits;
    bool has_context;
    bool no_driver;       /* its library is not loaded */
    bool has_cupti;       /* it can be started */
    bool idle;            /* another copy of the recorder is at work */
    unsigned handed_over; /* to it, times */
    bool cupti_records;
    unsigned cupti_starts;
    unsigned cupti_flushes;
};
extern struct fake_vendor fake_vendor;

/* What a "function pointer" of a kernel points at here. */
struct fake_kernel {
    const char *name;
    unsigned n_params;
    size_t param_bytes[4];
};

#endif
