/*
 * Where images and labels come from: --data. A source gives batches in host memory; batches follow
 * one another and wrap at the end of the data. Main thread only.
 */
#ifndef WORKLOAD_DATA_H
#define WORKLOAD_DATA_H

#include "options.h"

#include <stddef.h>
#include <stdint.h>

struct data_source {
    /* Writes batch `number` (from 0): fp32 images in the layout asked for, labels in [0, classes).
     */
    void (*fill)(const struct data_source *, int64_t number, float *images, int32_t *labels);
    int batch_size;
    int image_size;
    int classes;
    enum layout layout;
    int64_t seed;
    int repeats; /* every batch is the same: filling once is enough */

    /* The sources over files: bytes of maps, images as uint8 in CHW order. */
    struct data_map {
        unsigned char *bytes; /* read-only */
        size_t size;
    } maps[5];
    size_t count;        /* images in all */
    int source_size;     /* their height and width */
    const float *mean;   /* of each channel, of values in [0, 1] */
    const float *stddev; /* likewise */
};

/*
 * Opens what options->data names, and settles image size and number of classes where the options
 * leave them to the data. Ends the program with one line and status 2 if the data cannot be used.
 */
struct data_source data_open(const struct options *options);
void data_close(struct data_source *source);

/* One for each kind; they complete a source that data_open() has begun. */
void data_synthetic_open(struct data_source *source);
void data_cifar10_open(struct data_source *source, const char *dir);
void data_raw_open(struct data_source *source, const char *file);

/* For those over files: maps a file for reading; ends the program as data_open() does. */
struct data_map data_map_file(const char *path);
/* Image i of a batch, from CHW bytes: (byte / 255 - mean) / stddev, scaled to the batch's size by
   the nearest pixel. */
void data_put_image(const struct data_source *source, float *images, int i,
                    const unsigned char *chw);

#endif
