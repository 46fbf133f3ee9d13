/* The poolings' backward passes. See kernels.h. */
#include "flat.h"

/* Along one axis: the first and the last window that hold index i, and where a window begins. */
FLAT_FUNCTION uint32_t first_window(uint32_t i)
{
    return (i + MAX_POOL_PAD + MAX_POOL_STRIDE - MAX_POOL_WINDOW) / MAX_POOL_STRIDE;
}
FLAT_FUNCTION uint32_t last_window(uint32_t i, uint32_t windows)
{
    return flat_min((i + MAX_POOL_PAD) / MAX_POOL_STRIDE, windows - 1);
}
FLAT_FUNCTION uint32_t window_begin(uint32_t window)
{
    const uint32_t padded = window * MAX_POOL_STRIDE;
    return padded > MAX_POOL_PAD ? padded - MAX_POOL_PAD : 0;
}
FLAT_FUNCTION uint32_t window_end(uint32_t window, uint32_t size)
{
    return flat_min(window * MAX_POOL_STRIDE + MAX_POOL_WINDOW - MAX_POOL_PAD, size);
}

/*
 * Whether (h, w), which holds the maximum of window (i, j), is the first in it that does, row by
 * row. Neighbours in a row lie `step` apart, rows `row`.
 */
FLAT_FUNCTION bool is_first(const float *plane, uint32_t row, uint32_t step, uint32_t width,
                            uint32_t i, uint32_t j, uint32_t h, uint32_t w)
{
    const float maximum = plane[h * row + w * step];
    const uint32_t left = window_begin(j), right = window_end(j, width);
    for (uint32_t r = window_begin(i); r < h; r++)
        for (uint32_t c = left; c < right; c++)
            if (plane[r * row + c * step] == maximum)
                return false;
    for (uint32_t c = left; c < w; c++)
        if (plane[h * row + c * step] == maximum)
            return false;
    return true;
}

/*
 * Each element of dx gathers from the windows that hold it, so that nothing is added up in an order
 * that changes. An image's plane is `inner` values wide: 1 in NCHW, all channels in NHWC.
 */
FLAT_KERNEL(max_pool_backward)
{
    const uint32_t row = a.width * a.inner, out_row = a.out_width * a.inner;
    const float *__restrict__ x = a.x;
    const float *__restrict__ y = a.y;
    const float *__restrict__ dy = a.dy;
    float *__restrict__ dx = a.dx;
    FLAT_CHUNKS(chunk, FLAT_CHUNKS_OF(a.count))
    {
        const uint32_t begin = chunk * KERNEL_CHUNK;
        FLAT_ELEMENTS(at, begin, flat_min(begin + KERNEL_CHUNK, a.count))
        {
            const uint32_t pixel = a.inner == 1 ? at : at / a.inner; /* a division less in NCHW */
            const uint32_t line = pixel / a.width;
            const uint32_t image = line / a.height;
            const uint32_t w = pixel - line * a.width, h = line - image * a.height;
            const uint32_t channel = at - pixel * a.inner;
            const float *plane = x + image * a.height * row + channel;
            const uint32_t out_plane = image * a.out_height * out_row + channel;
            float gradient = 0.0f;
            for (uint32_t i = first_window(h); i <= last_window(h, a.out_height); i++)
                for (uint32_t j = first_window(w); j <= last_window(w, a.out_width); j++) {
                    const uint32_t out = out_plane + i * out_row + j * a.inner;
                    if (x[at] == y[out] && is_first(plane, row, a.inner, a.width, i, j, h, w))
                        gradient += dy[out];
                }
            dx[at] = gradient;
        }
    }
}
FLAT_LAUNCH(max_pool_backward, FLAT_CHUNKS_OF(a.count))

FLAT_KERNEL(average_pool_backward)
{
    const float *__restrict__ dy = a.dy;
    float *__restrict__ dx = a.dx;
    FLAT_CHUNKS(chunk, FLAT_CHUNKS_OF(a.count))
    {
        const uint32_t begin = chunk * KERNEL_CHUNK;
        FLAT_ELEMENTS(at, begin, flat_min(begin + KERNEL_CHUNK, a.count))
        {
            const uint32_t image = at / (a.area * a.inner);
            dx[at] = dy[image * a.inner + at % a.inner] / (float)a.area;
        }
    }
}
FLAT_LAUNCH(average_pool_backward, FLAT_CHUNKS_OF(a.count))
