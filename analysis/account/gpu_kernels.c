#include "account/gpu_kernels.h"

#include <stdlib.h>
#include <string.h>

#include "account/median.h"
#include "base/array.h"
#include "base/table.h"

struct gpu_kernel {
    uint64_t key; /* node and name */
    uint32_t node;
    uint32_t name;
    struct gpu_kernel_sample now;
    struct gpu_kernel_sample *samples; /* of the steps that it ran in */
    size_t n_samples;
    size_t capacity;
    UT_hash_handle hh;
};

static struct gpu_kernel *kernel_of(struct gpu_kernel **kernels, const struct gpu_work *work)
{
    const uint64_t key = (uint64_t)work->node << 32 | work->name;
    struct gpu_kernel *kernel;
    HASH_FIND(hh, *kernels, &key, sizeof key, kernel);
    if (!kernel) {
        kernel = memory_zeroed(1, sizeof *kernel);
        kernel->key = key;
        kernel->node = work->node;
        kernel->name = work->name;
        HASH_ADD(hh, *kernels, key, sizeof kernel->key, kernel);
    }
    return kernel;
}

void gpu_kernels_take(struct gpu_kernel **kernels, const struct gpu_work *work, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct gpu_kernel *kernel = kernel_of(kernels, &work[i]);
        kernel->now.calls++;
        kernel->now.ns += work[i].end_ns - work[i].start_ns;
    }
    for (struct gpu_kernel *kernel = *kernels; kernel; kernel = kernel->hh.next) {
        if (!kernel->now.calls)
            continue;
        ARRAY_RESERVE(kernel->samples, kernel->capacity, kernel->n_samples + 1);
        kernel->samples[kernel->n_samples++] = kernel->now;
        kernel->now = (struct gpu_kernel_sample){0};
    }
}

static int compare_rows(const void *a, const void *b)
{
    const struct gpu_kernel_row *x = a;
    const struct gpu_kernel_row *y = b;
    if (x->node != y->node)
        return x->node < y->node ? -1 : 1;
    if (x->ns != y->ns)
        return x->ns > y->ns ? -1 : 1;
    return strcmp(x->name, y->name);
}

struct gpu_kernel_row *gpu_kernels_rows(const struct gpu_kernel *kernels, size_t n_steps,
                                        const struct strings *strings, size_t *n)
{
    const size_t n_kernels = HASH_COUNT(kernels);
    struct gpu_kernel_row *rows = memory_zeroed(n_kernels, sizeof *rows);
    uint64_t *values = memory_zeroed(n_steps, sizeof *values);
    *n = 0;
    for (const struct gpu_kernel *kernel = kernels; kernel; kernel = kernel->hh.next) {
        struct gpu_kernel_row *row = &rows[(*n)++];
        row->node = kernel->node;
        row->name = strings_text(strings, kernel->name);
        memset(values, 0, n_steps * sizeof *values);
        for (size_t i = 0; i < kernel->n_samples; i++)
            values[i] = kernel->samples[i].calls;
        row->calls = median_lower(values, n_steps);
        memset(values, 0, n_steps * sizeof *values);
        for (size_t i = 0; i < kernel->n_samples; i++)
            values[i] = kernel->samples[i].ns;
        row->ns = median_lower(values, n_steps);
        row->mad_ns = median_deviation(values, n_steps);
    }
    free(values);
    if (*n)
        qsort(rows, *n, sizeof *rows, compare_rows);
    return rows;
}

void gpu_kernels_free(struct gpu_kernel **kernels)
{
    for (struct gpu_kernel *kernel = *kernels; kernel; kernel = kernel->hh.next)
        free(kernel->samples);
    TABLE_FREE(struct gpu_kernel, *kernels);
}
