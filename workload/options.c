/* See options.h. */
#include "options.h"
#include "fail.h"

#include <errno.h>
#include <getopt.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum kind {
    WHOLE,  /* int64_t in [low, high] */
    REAL,   /* double in [low, high] */
    CHOICE, /* int: the index of the word among `values`, which are separated by | */
    TEXT
};

struct row {
    const char *name;
    const char *values; /* as --help prints them; a CHOICE's words */
    enum kind kind;
    size_t offset;
    double low, high;
    const char *help;
};

static const struct options defaults = {
    .batch_size = 16,
    .steps = 5,
    .warmup = 2,
    .seed = 1,
    .lr = 1e-3,
    .momentum = 0.9,
    .optimizer = OPTIMIZER_SGD,
    .precision = PRECISION_FP32,
    .layout = LAYOUT_NCHW,
    .allocator = ALLOCATOR_ASYNC,
    .deterministic = DETERMINISTIC_YES,
    .data = "synthetic",
};

#define FIELD(name) offsetof(struct options, name)
static const struct row table[] = {
    {"batch-size", "N", WHOLE, FIELD(batch_size), 1, 4096, "images in a step"},
    {"image-size", "N", WHOLE, FIELD(image_size), 16, 1024,
     "height and width of an image (default: the data's; synthetic 224)"},
    {"steps", "N", WHOLE, FIELD(steps), 1, 1e9, "training steps"},
    {"warmup", "N", WHOLE, FIELD(warmup), 0, 1e6, "steps before those, the same but marked"},
    {"optimizer", "sgd|adam", CHOICE, FIELD(optimizer), 0, 0, "the rule of the update"},
    {"lr", "RATE", REAL, FIELD(lr), 0, 1e3, "learning rate"},
    {"momentum", "M", REAL, FIELD(momentum), 0, 1, "momentum of SGD"},
    {"weight-decay", "W", REAL, FIELD(weight_decay), 0, 1e3, "L2 penalty added to the gradient"},
    {"precision", "fp32|tf32", CHOICE, FIELD(precision), 0, 0, "arithmetic of products"},
    {"layout", "nchw|nhwc", CHOICE, FIELD(layout), 0, 0, "order of activations and filters"},
    {"allocator", "malloc|async", CHOICE, FIELD(allocator), 0, 0,
     "cudaMalloc or cudaMallocAsync for each tensor"},
    {"deterministic", "yes|no", CHOICE, FIELD(deterministic), 0, 0,
     "convolutions that give the same bits each time"},
    {"classes", "N", WHOLE, FIELD(classes), 2, 100000,
     "classes of the last layer (default: the data's; synthetic 1000)"},
    {"seed", "N", WHOLE, FIELD(seed), 0, 9007199254740992.0,
     "of the initial weights and of the synthetic data"},
    {"data", "SOURCE", TEXT, FIELD(data), 0, 0,
     "synthetic, cifar10:DIR (binary version), or a file of raw images (see data_raw.c)"},
    {"numbers", "FILE", TEXT, FIELD(numbers), 0, 0,
     "write losses, gradient norms and running statistics as CSV"},
};
#define ROWS (sizeof table / sizeof table[0])

static void *field(struct options *o, const struct row *r) { return (char *)o + r->offset; }

/* The index of `word` among the words of `values`, -1 if it is none of them. */
static int choice_index(const char *values, const char *word)
{
    const size_t length = strlen(word);
    for (int i = 0; length > 0; i++) {
        const size_t n = strcspn(values, "|");
        if (n == length && strncmp(values, word, n) == 0)
            return i;
        if (values[n] == '\0')
            return -1;
        values += n + 1;
    }
    return -1;
}

static void set(struct options *o, const struct row *r, const char *text)
{
    char *end = NULL;
    errno = 0;
    switch (r->kind) {
    case WHOLE: {
        const long long n = strtoll(text, &end, 10);
        if (end == text || *end || errno || (double)n < r->low || (double)n > r->high)
            fail_input("--%s: '%s' is not a whole number from %.0f to %.0f", r->name, text, r->low,
                       r->high);
        *(int64_t *)field(o, r) = n;
        break;
    }
    case REAL: {
        const double x = strtod(text, &end);
        if (end == text || *end || !isfinite(x) || x < r->low || x > r->high)
            fail_input("--%s: '%s' is not a number from %g to %g", r->name, text, r->low, r->high);
        *(double *)field(o, r) = x;
        break;
    }
    case CHOICE: {
        const int i = choice_index(r->values, text);
        if (i < 0)
            fail_input("--%s: '%s' is not one of %s", r->name, text, r->values);
        *(int *)field(o, r) = i;
        break;
    }
    case TEXT:
        if (*text == '\0')
            fail_input("--%s: an empty value; expected %s", r->name, r->values);
        *(const char **)field(o, r) = text;
        break;
    }
}

static void print_default(const struct row *r)
{
    const char *at = (const char *)&defaults + r->offset;
    switch (r->kind) {
    case WHOLE:
        if (*(const int64_t *)(const void *)at != 0 || r->low == 0)
            printf(" (default: %lld)", (long long)*(const int64_t *)(const void *)at);
        break;
    case REAL:
        printf(" (default: %g)", *(const double *)(const void *)at);
        break;
    case CHOICE: {
        const char *word = r->values;
        for (int i = *(const int *)(const void *)at; i > 0; i--)
            word += strcspn(word, "|") + 1;
        printf(" (default: %.*s)", (int)strcspn(word, "|"), word);
        break;
    }
    case TEXT: {
        const char *text = *(const char *const *)(const void *)at;
        if (text)
            printf(" (default: %s)", text);
        break;
    }
    }
}

static _Noreturn void print_help(void)
{
    puts("Usage: resnet152 [OPTION...]\n"
         "Trains torchvision's ResNet-152 with cuDNN and cuBLAS; prints one line a step.\n");
    for (size_t i = 0; i < ROWS; i++) {
        const struct row *r = &table[i];
        printf("  --%s %-*s %s", r->name, (int)(26 - strlen(r->name)), r->values, r->help);
        print_default(r);
        putchar('\n');
    }
    puts("  --help                        this text\n\n"
         "Exit status: 0 done, 1 a call failed or memory ran out, 2 bad option or input.");
    exit(EXIT_SUCCESS);
}

struct options options_parse(int argc, char **argv)
{
    struct option long_options[ROWS + 2] = {0};
    for (size_t i = 0; i < ROWS; i++)
        long_options[i] = (struct option){table[i].name, required_argument, NULL, (int)i};
    long_options[ROWS] = (struct option){"help", no_argument, NULL, (int)ROWS};

    struct options o = defaults;
    int i;
    while ((i = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
        if (i == '?') /* getopt has said why, in one line */
            exit(2);
        if (i == (int)ROWS)
            print_help();
        set(&o, &table[i], optarg);
    }
    if (optind < argc)
        fail_input("'%s': expected options alone; see resnet152 --help", argv[optind]);
    return o;
}
