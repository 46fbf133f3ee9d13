/* Convolution in plain loops. */
#include "ops.h"

struct convolution_shape convolution_shape(struct shape x, int filters, int kernel, int stride,
                                           int pad)
{
    return (struct convolution_shape){
        .x = x,
        .w = {filters, x.c, kernel, kernel, x.nhwc},
        .y = {x.n, filters, (x.h + 2 * pad - kernel) / stride + 1,
              (x.w + 2 * pad - kernel) / stride + 1, x.nhwc},
        .pad = pad,
        .stride = stride,
    };
}

void convolution_loops(const struct convolution_shape *shape, int which, double alpha,
                       const float *x, const float *w, const float *y, double *out)
{
    for (int n = 0; n < shape->y.n; n++)
        for (int k = 0; k < shape->y.c; k++)
            for (int p = 0; p < shape->y.h; p++)
                for (int q = 0; q < shape->y.w; q++) {
                    const size_t at_y = shape_at(shape->y, n, k, p, q);

                    for (int c = 0; c < shape->x.c; c++)
                        for (int r = 0; r < shape->w.h; r++)
                            for (int s = 0; s < shape->w.w; s++) {
                                const int h = p * shape->stride + r - shape->pad;
                                const int u = q * shape->stride + s - shape->pad;
                                size_t at_x;
                                size_t at_w;

                                if (h < 0 || h >= shape->x.h || u < 0 || u >= shape->x.w)
                                    continue;
                                at_x = shape_at(shape->x, n, c, h, u);
                                at_w = shape_at(shape->w, k, c, r, s);
                                if (which == 2)
                                    out[at_y] += alpha * x[at_x] * w[at_w];
                                else if (which == 0)
                                    out[at_x] += alpha * y[at_y] * w[at_w];
                                else
                                    out[at_w] += alpha * x[at_x] * y[at_y];
                            }
                }
}
