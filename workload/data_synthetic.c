/*
 * Synthetic data: one batch of near-normal images (standard deviation 1) and uniform labels, the
 * same in every step, so that the loss falls and nothing but the copy costs time.
 */
#include "data.h"
#include "generator.h"

static void fill(const struct data_source *s, int64_t number, float *images, int32_t *labels)
{
    (void)number;
    const size_t pixels = (size_t)s->image_size * (size_t)s->image_size;
    const struct generator g = generator_open((uint64_t)s->seed, GENERATOR_STREAM_IMAGES);
    const float scale = generator_normal_scale(1.0);
    size_t element = 0; /* NCHW */
    for (size_t n = 0; n < (size_t)s->batch_size; n++)
        for (size_t c = 0; c < 3; c++)
            for (size_t p = 0; p < pixels; p++, element++)
                images[s->layout == LAYOUT_NHWC ? (n * pixels + p) * 3 + c : element] =
                    generator_normal(g, element, scale);

    const struct generator l = generator_open((uint64_t)s->seed, GENERATOR_STREAM_LABELS);
    for (size_t n = 0; n < (size_t)s->batch_size; n++)
        labels[n] = (int32_t)generator_below(l, n, (uint64_t)s->classes);
}

void data_synthetic_open(struct data_source *source)
{
    if (source->image_size == 0)
        source->image_size = 224;
    if (source->classes == 0)
        source->classes = 1000;
    source->repeats = 1;
    source->fill = fill;
}
