/*
 * CIFAR-10, the binary version: DIR/data_batch_1.bin to data_batch_5.bin, each a sequence of
 * records of 1 label byte and 3 x 32 x 32 image bytes
 * (https://www.cs.toronto.edu/~kriz/cifar.html). Images are taken in the files' order, which the
 * data set's authors have shuffled.
 */
#include "data.h"
#include "fail.h"

#include <stdio.h>

enum {
    FILES = 5,
    SIZE = 32,
    RECORD_BYTES = 1 + 3 * SIZE * SIZE
};

/* Mean and standard deviation of the training images' channels. */
static const float mean[3] = {0.4914f, 0.4822f, 0.4465f};
static const float stddev[3] = {0.2470f, 0.2435f, 0.2616f};

static const unsigned char *record(const struct data_source *s, size_t index)
{
    for (int f = 0; f < FILES; f++) {
        const size_t n = s->maps[f].size / RECORD_BYTES;
        if (index < n)
            return s->maps[f].bytes + index * RECORD_BYTES;
        index -= n;
    }
    return NULL; /* not reached: index < count */
}

static void fill(const struct data_source *s, int64_t number, float *images, int32_t *labels)
{
    for (int i = 0; i < s->batch_size; i++) {
        const size_t index = ((size_t)number * (size_t)s->batch_size + (size_t)i) % s->count;
        const unsigned char *r = record(s, index);
        labels[i] = r[0];
        data_put_image(s, images, i, r + 1);
    }
}

void data_cifar10_open(struct data_source *source, const char *dir)
{
    for (int f = 0; f < FILES; f++) {
        char path[4096];
        if (snprintf(path, sizeof path, "%s/data_batch_%d.bin", dir, f + 1) >= (int)sizeof path)
            fail_input("--data: the folder's name is too long");
        source->maps[f] = data_map_file(path);
        if (source->maps[f].size % RECORD_BYTES != 0)
            fail_input("--data: %s has %zu bytes, expected records of %d bytes", path,
                       source->maps[f].size, RECORD_BYTES);
        for (size_t at = 0; at < source->maps[f].size; at += RECORD_BYTES)
            if (source->maps[f].bytes[at] > 9)
                fail_input("--data: %s record %zu has label %d, expected 0 to 9", path,
                           at / RECORD_BYTES, source->maps[f].bytes[at]);
        source->count += source->maps[f].size / RECORD_BYTES;
    }
    if (source->image_size == 0)
        source->image_size = SIZE;
    if (source->classes == 0)
        source->classes = 10;
    if (source->classes < 10)
        fail_input("--classes: %d is less than CIFAR-10's 10", source->classes);
    source->source_size = SIZE;
    source->mean = mean;
    source->stddev = stddev;
    source->fill = fill;
}
