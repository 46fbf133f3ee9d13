#include "kernel_params.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "capture.h"
#include "emit.h"
#include "memory_seen.h"
#include "step_calls.h"
#include "step_filter.h"
#include "string_table.h"
#include "vendor.h"

#define KERNELS_MAX          4096u /* a power of 2; at most 3/4 of it is used */
#define PARAMS_MAX           65536u
#define OPERANDS_MAX         1000u
#define PARAMS_OF_KERNEL_MAX 512u

/* `function` is stored last: not NULL, the rest is there. */
struct kernel {
    const void *_Atomic function;
    uint32_t name;
    bool ends_step;                 /* GRAPHPROF_STEP_EVERY names it */
    uint32_t first_param, n_params; /* in param_bytes */
};

static struct kernel kernels[KERNELS_MAX];
static uint32_t param_bytes[PARAMS_MAX];
static unsigned n_kernels, n_params;
static pthread_mutex_t adding = PTHREAD_MUTEX_INITIALIZER;

static struct kernel *find(const void *function)
{
    const uint64_t hash = (uint64_t)(uintptr_t)function * UINT64_C(0x9e3779b97f4a7c15);
    for (unsigned i = (unsigned)(hash >> 40);; i++) {
        struct kernel *kernel = &kernels[i % KERNELS_MAX];
        const void *held = atomic_load_explicit(&kernel->function, memory_order_acquire);
        if (!held || held == function)
            return kernel;
    }
}

/* What the runtime says of the kernel; asked with no lock held. False if it cannot say now. */
struct answer {
    uint32_t name;
    bool ends_step;
    uint32_t n_params;
    uint32_t param_bytes[PARAMS_OF_KERNEL_MAX];
};

static bool ask(const void *function, struct answer *answer)
{
    size_t bytes;
    if (gp_vendor_error_waits())
        return false;
    const char *name = gp_vendor_kernel_name(function);
    answer->name = gp_string(name);
    answer->ends_step = name && gp_step_calls_is_kernel(name);
    answer->n_params = 0;
    while (answer->n_params < PARAMS_OF_KERNEL_MAX &&
           gp_vendor_kernel_parameter(function, answer->n_params, &bytes))
        answer->param_bytes[answer->n_params++] = (uint32_t)bytes;
    return true;
}

/* Fills the empty slot. It stays empty if the table is full. Under `adding`. */
static void add(struct kernel *kernel, const void *function, const struct answer *answer)
{
    if (n_kernels >= KERNELS_MAX / 4 * 3 || n_params + answer->n_params > PARAMS_MAX)
        return;
    memcpy(&param_bytes[n_params], answer->param_bytes,
           answer->n_params * sizeof answer->param_bytes[0]);
    kernel->name = answer->name;
    kernel->ends_step = answer->ends_step;
    kernel->first_param = n_params;
    kernel->n_params = answer->n_params;
    n_params += answer->n_params;
    n_kernels++;
    atomic_store_explicit(&kernel->function, function, memory_order_release);
}

static bool is_known(const struct kernel *kernel)
{
    return atomic_load_explicit(&kernel->function, memory_order_acquire) != NULL;
}

/* NULL if nothing is known of it. */
static const struct kernel *known(const void *function)
{
    struct answer answer;
    struct kernel *kernel = find(function);
    if (is_known(kernel))
        return kernel;
    if (!ask(function, &answer))
        return NULL;
    pthread_mutex_lock(&adding);
    kernel = find(function);
    if (!is_known(kernel))
        add(kernel, function, &answer);
    pthread_mutex_unlock(&adding);
    return is_known(kernel) ? kernel : NULL;
}

static unsigned scan(const struct kernel *kernel, void *const *arguments, uint64_t *operands)
{
    const uint64_t lowest = gp_memory_lowest(), highest = gp_memory_highest();
    unsigned n = 0;
    for (uint32_t i = 0; i < kernel->n_params; i++) {
        const unsigned char *argument = arguments[i];
        const uint32_t bytes = param_bytes[kernel->first_param + i];
        for (uint32_t at = 0; argument && at + sizeof(uint64_t) <= bytes; at += sizeof(uint64_t)) {
            uint64_t word;
            memcpy(&word, argument + at, sizeof word);
            if (word >= lowest && word < highest && n < OPERANDS_MAX)
                operands[n++] = word;
        }
    }
    return n;
}

void gp_emit_launch(enum gp_api api, const void *function, void *const *arguments)
{
    uint64_t operands[OPERANDS_MAX];
    const bool detail = gp_detail();
    if (!function || !(detail || gp_step_calls_kernels) || !gp_capture_ready())
        return;
    const struct kernel *kernel = known(function);
    const unsigned n = detail && kernel && arguments ? scan(kernel, arguments, operands) : 0;
    gp_emit_call(api, operands, n, kernel ? kernel->name : 0);
    if (kernel && kernel->ends_step)
        gp_step_calls_made();
}
