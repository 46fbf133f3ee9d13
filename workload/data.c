/* See data.h. */
#include "data.h"
#include "fail.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define CIFAR10_PREFIX "cifar10:"

struct data_source data_open(const struct options *options)
{
    struct data_source s = {
        .batch_size = (int)options->batch_size,
        .image_size = (int)options->image_size,
        .classes = (int)options->classes,
        .layout = (enum layout)options->layout,
        .seed = options->seed,
    };
    if (strcmp(options->data, "synthetic") == 0)
        data_synthetic_open(&s);
    else if (strncmp(options->data, CIFAR10_PREFIX, strlen(CIFAR10_PREFIX)) == 0)
        data_cifar10_open(&s, options->data + strlen(CIFAR10_PREFIX));
    else
        data_raw_open(&s, options->data);
    return s;
}

void data_close(struct data_source *source)
{
    for (size_t i = 0; i < sizeof source->maps / sizeof source->maps[0]; i++)
        if (source->maps[i].bytes)
            munmap(source->maps[i].bytes, source->maps[i].size);
}

struct data_map data_map_file(const char *path)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st) != 0)
        fail_input("--data: cannot open %s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode) || st.st_size == 0)
        fail_input("--data: %s is empty or not a regular file", path);
    void *bytes = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (bytes == MAP_FAILED)
        fail_input("--data: cannot map %s: %s", path, strerror(errno));
    close(fd);
    return (struct data_map){.bytes = bytes, .size = (size_t)st.st_size};
}

void data_put_image(const struct data_source *source, float *images, int i,
                    const unsigned char *chw)
{
    const size_t size = (size_t)source->image_size;
    const size_t from = (size_t)source->source_size;
    float *image = images + (size_t)i * 3 * size * size;
    for (size_t c = 0; c < 3; c++) {
        const float mean = source->mean[c];
        const float stddev = source->stddev[c];
        for (size_t y = 0; y < size; y++)
            for (size_t x = 0; x < size; x++) {
                const unsigned char byte =
                    chw[(c * from + y * from / size) * from + x * from / size];
                const size_t at = source->layout == LAYOUT_NHWC ? (y * size + x) * 3 + c
                                                                : (c * size + y) * size + x;
                image[at] = ((float)byte / 255.0f - mean) / stddev;
            }
    }
}
