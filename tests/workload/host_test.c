/* The workload's host side: the generator against make_reference.py's values, and the data sources
   on small files made here. */
#include "workload/data.h"
#include "workload/generator.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What tests/golden/make_reference.py's normal(), uniform() and bits() give for seed 1. */
static void generator_equals_the_reference(void **state)
{
    (void)state;
    const struct generator w = generator_open(1, 0);
    const float scale = generator_normal_scale(sqrt(2.0 / (64 * 49)));
    assert_true(generator_normal(w, 0, scale) == -0.0148971044f);
    assert_true(generator_normal(w, 1, scale) == 0.0100502055f);
    assert_true(generator_normal(w, 9407, scale) == 0.0224197414f);
    const struct generator images = generator_open(1, GENERATOR_STREAM_IMAGES);
    const float one = generator_normal_scale(1.0);
    assert_true(generator_normal(images, 0, one) == -0.738082588f);
    assert_true(generator_normal(images, 11, one) == 1.74650741f);
    const struct generator fc = generator_open(1, 465);
    const float bound = generator_uniform_scale(1.0 / sqrt(2048.0));
    assert_true(generator_uniform(fc, 0, bound) == -0.00404767273f);
    assert_true(generator_uniform(fc, 2, bound) == 0.00631670095f);
    const struct generator labels = generator_open(1, GENERATOR_STREAM_LABELS);
    const uint64_t expected[] = {208, 840, 598, 693};
    for (uint64_t i = 0; i < 4; i++)
        assert_int_equal(expected[i], generator_below(labels, i, 1000));
}

static void generator_has_the_moments_it_says(void **state)
{
    (void)state;
    const struct generator g = generator_open(7, 3);
    const float normal = generator_normal_scale(2.0);
    const float uniform = generator_uniform_scale(0.5);
    const int n = 100000;
    double sum = 0, squares = 0, low = 1, high = -1;
    for (int i = 0; i < n; i++) {
        const double x = (double)generator_normal(g, (uint64_t)i, normal);
        const double u = (double)generator_uniform(g, (uint64_t)i, uniform);
        sum += x;
        squares += x * x;
        low = fmin(low, u);
        high = fmax(high, u);
    }
    assert_true(fabs(sum / n) < 0.03);
    assert_true(fabs(sqrt(squares / n) - 2.0) < 0.02);
    assert_true(low >= -0.5 && low < -0.499 && high < 0.5 && high > 0.499);
}

static struct options options_for(const char *data, int batch, int size, enum layout layout)
{
    return (struct options){
        .batch_size = batch, .image_size = size, .layout = layout, .seed = 1, .data = data};
}

static void synthetic_layouts_hold_the_same_images(void **state)
{
    (void)state;
    enum {
        N = 2,
        S = 5
    };
    static float nchw[N * 3 * S * S], nhwc[N * 3 * S * S];
    int32_t labels[2][N];
    const struct options a = options_for("synthetic", N, S, LAYOUT_NCHW);
    const struct options b = options_for("synthetic", N, S, LAYOUT_NHWC);
    struct data_source s = data_open(&a), t = data_open(&b);
    assert_int_equal(1000, s.classes);
    s.fill(&s, 0, nchw, labels[0]);
    t.fill(&t, 0, nhwc, labels[1]);
    for (int n = 0; n < N; n++) {
        assert_int_equal(labels[0][n], labels[1][n]);
        for (int c = 0; c < 3; c++)
            for (int p = 0; p < S * S; p++)
                assert_true(nchw[(n * 3 + c) * S * S + p] == nhwc[(n * S * S + p) * 3 + c]);
    }
    data_close(&s);
    data_close(&t);
}

/* The byte at channel c, row y, column x of made-up image i. */
static unsigned char made_up(int i, int c, int y, int x)
{
    return (unsigned char)(i * 50 + c * 7 + y * 3 + x);
}

static void put_image(FILE *f, int i, int size)
{
    for (int c = 0; c < 3; c++)
        for (int y = 0; y < size; y++)
            for (int x = 0; x < size; x++)
                fputc(made_up(i, c, y, x), f);
}

static float normalised(unsigned char byte, float mean, float stddev)
{
    return ((float)byte / 255.0f - mean) / stddev;
}

/* Two images in the first file, one in each other: 6 in all, batches of 4 wrap. */
static void cifar10_batches_run_over_the_files_and_wrap(void **state)
{
    (void)state;
    char dir[] = "/tmp/cifar10-test-XXXXXX";
    char path[64], spec[64];
    assert_non_null(mkdtemp(dir));
    for (int f = 1, i = 0; f <= 5; f++) {
        snprintf(path, sizeof path, "%s/data_batch_%d.bin", dir, f);
        FILE *file = fopen(path, "wb");
        assert_non_null(file);
        for (int n = f == 1 ? 2 : 1; n > 0; n--, i++) {
            fputc(9 - i, file);
            put_image(file, i, 32);
        }
        fclose(file);
    }
    snprintf(spec, sizeof spec, "cifar10:%s", dir);
    const struct options o = options_for(spec, 4, 0, LAYOUT_NHWC);
    struct data_source s = data_open(&o);
    assert_int_equal(32, s.image_size);
    assert_int_equal(10, s.classes);
    static float images[4 * 3 * 32 * 32];
    int32_t labels[4];
    s.fill(&s, 1, images, labels); /* images 4, 5, 0, 1 */
    const int32_t expected[] = {5, 4, 9, 8};
    assert_memory_equal(expected, labels, sizeof labels);
    /* image 1 of the batch is number 5; pixel (2, 30), blue */
    assert_true(images[((1 * 32 + 2) * 32 + 30) * 3 + 2] ==
                normalised(made_up(5, 2, 2, 30), 0.4465f, 0.2616f));
    data_close(&s);
    for (int f = 1; f <= 5; f++) {
        snprintf(path, sizeof path, "%s/data_batch_%d.bin", dir, f);
        unlink(path);
    }
    rmdir(dir);
}

static void raw_images_are_read_and_scaled(void **state)
{
    (void)state;
    char path[] = "/tmp/raw-test-XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    FILE *file = fdopen(fd, "wb");
    assert_non_null(file);
    const unsigned char header[24] = {'R', 'A', 'W', 'I', 'M', 'G', 'S', '1', 3,
                                      0,   0,   0,   20,  0,   0,   0,   44,  1};
    const unsigned char labels_in[6] = {0, 0, 43, 1, 7, 0}; /* 0, 299, 7 of 300 */
    fwrite(header, 1, sizeof header, file);
    fwrite(labels_in, 1, sizeof labels_in, file);
    for (int i = 0; i < 3; i++)
        put_image(file, i, 20);
    fclose(file);

    static float images[2 * 3 * 40 * 40];
    int32_t labels[2];
    const struct options own = options_for(path, 2, 0, LAYOUT_NCHW);
    struct data_source s = data_open(&own);
    assert_int_equal(20, s.image_size);
    assert_int_equal(300, s.classes);
    s.fill(&s, 1, images, labels); /* images 2, 0 */
    assert_int_equal(7, labels[0]);
    assert_int_equal(0, labels[1]);
    assert_true(images[(0 * 20 + 19) * 20 + 3] == normalised(made_up(2, 0, 19, 3), 0.485f, 0.229f));
    data_close(&s);

    const struct options twice = options_for(path, 2, 40, LAYOUT_NCHW);
    s = data_open(&twice);
    s.fill(&s, 0, images, labels);
    assert_int_equal(299, labels[1]);
    for (int y = 0; y < 40; y++)
        for (int x = 0; x < 40; x++)
            assert_true(images[((3 + 1) * 40 + y) * 40 + x] ==
                        normalised(made_up(1, 1, y / 2, x / 2), 0.456f, 0.224f));
    data_close(&s);
    unlink(path);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(generator_equals_the_reference),
        cmocka_unit_test(generator_has_the_moments_it_says),
        cmocka_unit_test(synthetic_layouts_hold_the_same_images),
        cmocka_unit_test(cifar10_batches_run_over_the_files_and_wrap),
        cmocka_unit_test(raw_images_are_read_and_scaled),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
