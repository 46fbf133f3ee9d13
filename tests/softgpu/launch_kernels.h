#ifndef TESTS_SOFTGPU_LAUNCH_KERNELS_H
#define TESTS_SOFTGPU_LAUNCH_KERNELS_H

#include <stddef.h>

struct pointer_list {
    float *pointers[4];
    int count;
};

#ifdef __cplusplus
extern "C" {
#endif
/* `fill_list<<<4, threads>>>`: every list's first `count` become value * sign. */
void launch_fill_list(struct pointer_list list, float value, char sign, size_t count,
                      unsigned threads);
void launch_has_no_body(float *x);
const void *host_fill_list(void);
const void *host_has_no_body(void);
#ifdef __cplusplus
}
#endif

#endif
