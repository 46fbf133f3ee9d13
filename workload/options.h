/* The command line of resnet152. One table in options.c reads it, checks it and prints --help. */
#ifndef WORKLOAD_OPTIONS_H
#define WORKLOAD_OPTIONS_H

#include <stdint.h>

enum optimizer_kind {
    OPTIMIZER_SGD,
    OPTIMIZER_ADAM
};
enum precision {
    PRECISION_FP32,
    PRECISION_TF32
};
enum layout {
    LAYOUT_NCHW,
    LAYOUT_NHWC
};
enum allocator {
    ALLOCATOR_MALLOC,
    ALLOCATOR_ASYNC
};

enum deterministic {
    DETERMINISTIC_YES,
    DETERMINISTIC_NO
};

struct options {
    int64_t batch_size;
    int64_t image_size; /* 0: not given; the data decides */
    int64_t steps;
    int64_t warmup;
    int64_t classes; /* 0: not given; the data decides */
    int64_t seed;
    double lr;
    double momentum;
    double weight_decay;
    int optimizer; /* the enums above; ints because the table writes them */
    int precision;
    int layout;
    int allocator;
    int deterministic;
    const char *data;
    const char *numbers; /* NULL: not asked for */
};

/* Exits: 0 after --help, 2 with one line on stderr for an unknown option or a bad value. */
struct options options_parse(int argc, char **argv);

#endif
