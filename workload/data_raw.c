/*
 * A file of raw images, all numbers little-endian:
 *
 *   offset 0   8 bytes  "RAWIMGS1"
 *   offset 8   uint32   count: images in the file
 *   offset 12  uint32   size: height and width of each
 *   offset 16  uint32   classes: labels are below it
 *   offset 20  uint32   0
 *   offset 24  count x uint16   labels
 *   then       count x 3 x size x size bytes: red, green and blue planes, row by row
 *
 * --image-size scales them (nearest pixel); --classes may be more than the file's.
 */
#include "data.h"
#include "fail.h"

#include <string.h>

#define MAGIC        "RAWIMGS1"
#define HEADER_BYTES 24

/* ImageNet's, as torchvision's models expect. */
static const float mean[3] = {0.485f, 0.456f, 0.406f};
static const float stddev[3] = {0.229f, 0.224f, 0.225f};

static uint32_t u32(const unsigned char *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static int label(const struct data_source *s, size_t index)
{
    const unsigned char *p = s->maps[0].bytes + HEADER_BYTES + index * 2;
    return p[0] | p[1] << 8;
}

static void fill(const struct data_source *s, int64_t number, float *images, int32_t *labels)
{
    const size_t image_bytes = 3 * (size_t)s->source_size * (size_t)s->source_size;
    const unsigned char *first = s->maps[0].bytes + HEADER_BYTES + s->count * 2;
    for (int i = 0; i < s->batch_size; i++) {
        const size_t index = ((size_t)number * (size_t)s->batch_size + (size_t)i) % s->count;
        labels[i] = label(s, index);
        data_put_image(s, images, i, first + index * image_bytes);
    }
}

void data_raw_open(struct data_source *source, const char *file)
{
    const struct data_map map = data_map_file(file);
    source->maps[0] = map;
    if (map.size < HEADER_BYTES || memcmp(map.bytes, MAGIC, strlen(MAGIC)) != 0)
        fail_input("--data: '%s' is neither synthetic, cifar10:DIR nor a file of raw images "
                   "(those begin with " MAGIC ")",
                   file);
    const uint32_t count = u32(map.bytes + 8);
    const uint32_t size = u32(map.bytes + 12);
    const uint32_t classes = u32(map.bytes + 16);
    if (count < 1 || size < 1 || size > 4096 || classes < 2 || classes > 65536)
        fail_input("--data: %s: %u images of size %u in %u classes; expected at least one, a size "
                   "from 1 to 4096 and 2 to 65536 classes",
                   file, count, size, classes);
    const uint64_t expected = HEADER_BYTES + (uint64_t)count * (2 + 3 * (uint64_t)size * size);
    if (map.size != expected)
        fail_input("--data: %s has %zu bytes, its header expects %llu", file, map.size,
                   (unsigned long long)expected);
    source->count = count;
    for (size_t i = 0; i < count; i++)
        if ((uint32_t)label(source, i) >= classes)
            fail_input("--data: %s: image %zu has label %d, expected less than %u", file, i,
                       label(source, i), classes);
    if (source->image_size == 0) {
        if (size < 16 || size > 1024)
            fail_input("--data: %s has images of size %u: give --image-size, from 16 to 1024", file,
                       size);
        source->image_size = (int)size;
    }
    if (source->classes == 0)
        source->classes = (int)classes;
    if (source->classes < (int)classes)
        fail_input("--classes: %d is less than the %u of %s", source->classes, classes, file);
    source->source_size = (int)size;
    source->mean = mean;
    source->stddev = stddev;
    source->fill = fill;
}
