/*
 * PyTorch's c10: C++ functions, under their mangled names. They are called for memory of any
 * device, by any thread, with the lock of the device's allocator held, and may throw as far as the
 * compiler knows: so what is ours is done and left before the real function is called.
 */
#include <errno.h>
#include <stdint.h>

#include "wrap.h"

/* c10::Device: trivially copyable, passed in a register. */
struct c10_device {
    int8_t type;  /* c10::DeviceType */
    int8_t index; /* -1: the current one */
};
#define C10_CUDA 1

/* No device has as much: the register held something else. */
#define BYTES_MAX (INT64_C(1) << 46)

/* size_t and int64_t are passed alike. */
typedef void report(void *ptr, int64_t alloc_size, size_t total_allocated, size_t total_reserved,
                    struct c10_device device);

static inline report *note(enum gp_api api, void *ptr, int64_t bytes, struct c10_device device)
{
    struct gp_wrapped call;
    report *const real = (report *)gp_wrap_begin(&call, api);
    if (call.recorded && device.type == C10_CUDA && device.index >= 0 && bytes < BYTES_MAX &&
        bytes > -BYTES_MAX)
        gp_emit_block(api, ptr, bytes, (uint8_t)device.index);
    gp_wrap_end(&call);
    return real;
}

#define GP_API_CXX(class, name, symbol, shown)                                                     \
    extern report symbol;                                                                          \
    GP_EXPORT void symbol(void *ptr, int64_t alloc_size, size_t total_allocated,                   \
                          size_t total_reserved, struct c10_device device)                         \
    {                                                                                              \
        report *const real = note(GP_API_##name, ptr, alloc_size, device);                         \
        if (real)                                                                                  \
            real(ptr, alloc_size, total_allocated, total_reserved, device);                        \
    }
#include "api/c10.def"
