/* cmocka wants these before it, and CUDA's calls checked in one word. */
#ifndef TESTS_SOFTGPU_CMOCKA_ALL_H
#define TESTS_SOFTGPU_CMOCKA_ALL_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#define assert_cuda(expected, call) assert_int_equal(expected, call)
#define ok(call)                    assert_cuda(cudaSuccess, call)

#endif
