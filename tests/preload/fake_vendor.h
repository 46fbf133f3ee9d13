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

    /* CUDA events. The GPU's time is what the test says. */
    double gpu_ms;
    bool gpu_is_behind;   /* it comes to no event */
    bool events_fail;     /* none can be recorded */
    const void *captures; /* this stream */
    unsigned events_made;
    char recorded[512]; /* "begin" and "end" events by stream, in the order of their recording */
};
extern struct fake_vendor fake_vendor;

/* A stream for events, by a letter; '0' is the legacy one. */
void *fake_stream(char letter);

/* What a "function pointer" of a kernel points at here. */
struct fake_kernel {
    const char *name;
    unsigned n_params;
    size_t param_bytes[4];
};

#endif
