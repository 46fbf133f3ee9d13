/*
 * Writes a long synthetic capture to stdout, to measure the reading of captures with: a training
 * step of a ResNet-152's shape (155 layers of convolution, batch norm and ReLU, with their
 * backward and an optimizer), the same in each step but for its name, until there are EVENTS.
 *
 * usage: write_long_capture EVENTS
 *
 * EVENTS counts records of every type; the last step is always whole. It prints the number of
 * records and of steps on stderr. Memory: one step.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "graphprof/capture_format.h"
#include "graphprof/role.h"

#define LAYERS     155
#define SPAN       (1ull << 24) /* between two addresses; the largest allocation is smaller */
#define RECORD_NS  700u         /* between two records */
#define NAME_BYTES 32

enum slot { /* of a layer's tensors */
    WEIGHT,
    MOMENTUM,
    SCALE,
    RUNNING_MEAN,
    Y,
    WORKSPACE,
    Z,
    SAVED_MEAN,
    SAVED_VARIANCE,
    DZ,
    DY,
    D_SCALE,
    D_WEIGHT,
    DX,
    SLOTS
};

enum api {
    MALLOC = 1,
    FREE,
    LAUNCH,
    CONVOLUTION,
    CONVOLUTION_BACKWARD,
    BATCH_NORM,
    BATCH_NORM_BACKWARD,
    RELU,
    RELU_BACKWARD
};

static struct {
    unsigned char *bytes;
    size_t n;
    size_t capacity;
    uint64_t records;
} out;
static uint32_t n_strings;

static void record(enum gp_record_type type, const void *payload, size_t bytes)
{
    const uint32_t words = (uint32_t)(bytes + 7) / 8 + 1;
    if (out.n + words * 8UL > out.capacity) {
        out.capacity = 2 * (out.n + words * 8UL);
        out.bytes = realloc(out.bytes, out.capacity);
        if (!out.bytes) {
            fputs("write_long_capture: out of memory\n", stderr);
            exit(1);
        }
    }
    const uint64_t head = gp_head(type, words, 0, type == GP_RECORD_THREAD ? 0 : RECORD_NS);
    memset(out.bytes + out.n, 0, words * 8UL);
    memcpy(out.bytes + out.n, &head, sizeof head);
    memcpy(out.bytes + out.n + sizeof head, payload, bytes);
    out.n += words * 8UL;
    out.records++;
}

static void flush(void)
{
    if (fwrite(out.bytes, 1, out.n, stdout) != out.n) {
        perror("write_long_capture");
        exit(1);
    }
    out.n = 0;
}

static uint32_t string(const char *text)
{
    struct {
        struct gp_record_string string;
        char text[64];
    } of = {.string = {++n_strings, (uint32_t)strlen(text)}};
    memcpy(of.text, text, strlen(text));
    record(GP_RECORD_STRING, &of, sizeof of.string + strlen(text));
    return n_strings;
}

static void api(enum api number, enum gp_api_class class_id, const char *name, unsigned n,
                const struct gp_record_api_operand *operands)
{
    struct {
        struct gp_record_api api;
        struct gp_record_api_operand operands[8];
    } of = {.api = {(uint16_t)number, (uint8_t)class_id, (uint8_t)n, string(name)}};
    for (unsigned i = 0; i < n; i++)
        of.operands[i] = operands[i];
    record(GP_RECORD_API, &of, sizeof of.api + n * sizeof of.operands[0]);
}

#define OPERANDS(...)                                                                              \
    sizeof((struct gp_record_api_operand[]){__VA_ARGS__}) / sizeof(struct gp_record_api_operand),  \
        (const struct gp_record_api_operand[])                                                     \
    {                                                                                              \
        __VA_ARGS__                                                                                \
    }
#define OPERAND(mode, role, name)                                                                  \
    {                                                                                              \
        GP_MODE_##mode, GP_ROLE_##role, 0, string(name)                                            \
    }

static void apis(void)
{
    api(MALLOC, GP_CLASS_ALLOC, "cudaMallocAsync", 0, NULL);
    api(FREE, GP_CLASS_FREE, "cudaFreeAsync", 0, NULL);
    api(LAUNCH, GP_CLASS_LAUNCH, "cudaLaunchKernel", 0, NULL);
    api(CONVOLUTION, GP_CLASS_COMPUTE, "cudnnConvolutionForward",
        OPERANDS(OPERAND(READ, ACTIVATION, "x"), OPERAND(READ, PARAMETER, "w"),
                 OPERAND(SCRATCH, WORKSPACE, "workSpace"), OPERAND(WRITE, ACTIVATION, "y")));
    api(CONVOLUTION_BACKWARD, GP_CLASS_COMPUTE, "cudnnConvolutionBackwardFilter",
        OPERANDS(OPERAND(READ, ACTIVATION, "x"), OPERAND(READ, ACTIVATION_GRAD, "dy"),
                 OPERAND(READ, PARAMETER, "w"), OPERAND(WRITE, GRADIENT, "dw"),
                 OPERAND(WRITE, ACTIVATION_GRAD, "dx")));
    api(BATCH_NORM, GP_CLASS_COMPUTE, "cudnnBatchNormalizationForwardTraining",
        OPERANDS(OPERAND(READ, ACTIVATION, "x"), OPERAND(WRITE, ACTIVATION, "y"),
                 OPERAND(READ, PARAMETER, "bnScale"), OPERAND(ACCUMULATE, BUFFER, "mean"),
                 OPERAND(WRITE, ACTIVATION, "savedMean"), OPERAND(WRITE, ACTIVATION, "savedVar")));
    api(BATCH_NORM_BACKWARD, GP_CLASS_COMPUTE, "cudnnBatchNormalizationBackward",
        OPERANDS(OPERAND(READ, ACTIVATION, "x"), OPERAND(READ, ACTIVATION_GRAD, "dy"),
                 OPERAND(WRITE, ACTIVATION_GRAD, "dx"), OPERAND(READ, PARAMETER, "bnScale"),
                 OPERAND(WRITE, GRADIENT, "resultBnScaleDiff")));
    api(RELU, GP_CLASS_COMPUTE, "cudnnActivationForward",
        OPERANDS(OPERAND(READ, ACTIVATION, "x"), OPERAND(WRITE, ACTIVATION, "y")));
    api(RELU_BACKWARD, GP_CLASS_COMPUTE, "cudnnActivationBackward",
        OPERANDS(OPERAND(READ, ACTIVATION, "y"), OPERAND(READ, ACTIVATION_GRAD, "dy"),
                 OPERAND(WRITE, ACTIVATION_GRAD, "dx")));
}

/* Addresses do not rise with the layers, as a pool's do not: an odd factor permutes the slots. */
static uint64_t address(unsigned layer, enum slot slot)
{
    const uint64_t at = (uint64_t)layer * SLOTS + slot;
    return 0x7f0000000000ull + (at * 1181u + 7) % 4096 * SPAN;
}

static void allocate(unsigned layer, enum slot slot)
{
    static const uint32_t bytes[SLOTS] = {
        [WEIGHT] = 589824,       [MOMENTUM] = 589824,   [SCALE] = 1024, [RUNNING_MEAN] = 1024,
        [Y] = 3211264,           [WORKSPACE] = 8388608, [Z] = 3211264,  [SAVED_MEAN] = 1024,
        [SAVED_VARIANCE] = 1024, [DZ] = 3211264,        [DY] = 3211264, [D_SCALE] = 1024,
        [D_WEIGHT] = 589824,     [DX] = 3211264};
    const struct gp_record_alloc of = {.address = address(layer, slot),
                                       .bytes = bytes[slot] + 512ull * (layer % 50),
                                       .api = MALLOC,
                                       .space = GP_SPACE_POOL};
    record(GP_RECORD_ALLOC, &of, sizeof of);
}

static void release(unsigned layer, enum slot slot)
{
    const struct gp_record_free of = {
        .address = address(layer, slot), .api = FREE, .space = GP_SPACE_POOL};
    record(GP_RECORD_FREE, &of, sizeof of);
}

static void push(uint32_t name)
{
    const struct gp_record_range of = {.name = name};
    record(GP_RECORD_RANGE_PUSH, &of, sizeof of);
}
static void pop(void)
{
    const struct gp_record_range of = {0};
    record(GP_RECORD_RANGE_POP, &of, sizeof of);
}

#define CALL(number, kernel, ...)                                                                  \
    call(number, kernel, (const uint64_t[]){__VA_ARGS__},                                          \
         sizeof((const uint64_t[]){__VA_ARGS__}) / sizeof(uint64_t))
static void call(enum api number, uint32_t kernel, const uint64_t *operands, size_t n)
{
    struct {
        struct gp_record_call call;
        uint64_t operands[8];
    } of = {.call = {(uint16_t)number, (uint16_t)n, kernel}};
    memcpy(of.operands, operands, n * sizeof *operands);
    record(GP_RECORD_CALL, &of, sizeof of.call + n * sizeof *operands);
}

struct names {
    uint32_t zero_grad, forward, backward, optimizer, sgd;
    uint32_t conv[LAYERS], bn[LAYERS], relu[LAYERS];
};

static void name_layers(struct names *names)
{
    names->zero_grad = string("zero_grad");
    names->forward = string("forward");
    names->backward = string("backward");
    names->optimizer = string("optimizer");
    names->sgd = string("sgd_kernel");
    for (unsigned i = 0; i < LAYERS; i++) {
        char text[NAME_BYTES];
        snprintf(text, sizeof text, "layer%u.%u.conv", i / 40, i % 40);
        names->conv[i] = string(text);
        snprintf(text, sizeof text, "layer%u.%u.bn", i / 40, i % 40);
        names->bn[i] = string(text);
        snprintf(text, sizeof text, "layer%u.%u.relu", i / 40, i % 40);
        names->relu[i] = string(text);
    }
}

/* A layer's input: the output of the one before. */
static uint64_t input(unsigned i) { return address(i ? i - 1 : 0, i ? Z : WEIGHT); }

static void forward(const struct names *names, unsigned i)
{
    push(names->conv[i]);
    allocate(i, Y);
    allocate(i, WORKSPACE);
    CALL(CONVOLUTION, 0, input(i), address(i, WEIGHT), address(i, WORKSPACE), address(i, Y));
    release(i, WORKSPACE);
    pop();
    push(names->bn[i]);
    allocate(i, Z);
    allocate(i, SAVED_MEAN);
    allocate(i, SAVED_VARIANCE);
    CALL(BATCH_NORM, 0, address(i, Y), address(i, Z), address(i, SCALE), address(i, RUNNING_MEAN),
         address(i, SAVED_MEAN), address(i, SAVED_VARIANCE));
    pop();
    push(names->relu[i]);
    CALL(RELU, 0, address(i, Z), address(i, Z));
    pop();
}

static void backward(const struct names *names, unsigned i)
{
    push(names->relu[i]);
    allocate(i, DZ);
    CALL(RELU_BACKWARD, 0, address(i, Z), address(i, DZ), address(i, DZ));
    pop();
    push(names->bn[i]);
    allocate(i, DY);
    allocate(i, D_SCALE);
    CALL(BATCH_NORM_BACKWARD, 0, address(i, Y), address(i, DZ), address(i, DY), address(i, SCALE),
         address(i, D_SCALE));
    release(i, DZ);
    release(i, SAVED_MEAN);
    release(i, SAVED_VARIANCE);
    pop();
    push(names->conv[i]);
    allocate(i, D_WEIGHT);
    allocate(i, DX);
    CALL(CONVOLUTION_BACKWARD, 0, input(i), address(i, DY), address(i, WEIGHT),
         address(i, D_WEIGHT), address(i, DX));
    release(i, DX);
    release(i, DY);
    release(i, Z);
    release(i, Y);
    pop();
}

static void step(const struct names *names)
{
    push(names->forward);
    for (unsigned i = 0; i < LAYERS; i++)
        forward(names, i);
    pop();
    push(names->backward);
    for (unsigned i = LAYERS; i-- > 0;)
        backward(names, i);
    pop();
    push(names->optimizer);
    for (unsigned i = 0; i < LAYERS; i++) {
        push(names->conv[i]);
        CALL(LAUNCH, names->sgd, address(i, WEIGHT), address(i, D_WEIGHT), address(i, MOMENTUM));
        pop();
    }
    pop();
    push(names->zero_grad);
    for (unsigned i = 0; i < LAYERS; i++) {
        release(i, D_WEIGHT);
        release(i, D_SCALE);
    }
    pop();
    pop(); /* the step */
}

static void setup(struct names *names)
{
    struct gp_capture_header header = {
        .version = GP_CAPTURE_VERSION, .header_bytes = sizeof header, .flags = GP_CAPTURE_CLOSED};
    memcpy(header.magic, GP_CAPTURE_MAGIC, sizeof header.magic);
    if (fwrite(&header, sizeof header, 1, stdout) != 1)
        perror("write_long_capture");
    const struct gp_record_thread thread = {.monotonic_ns = 1000, .os_tid = 1};
    record(GP_RECORD_THREAD, &thread, sizeof thread);
    apis();
    name_layers(names);
    for (unsigned i = 0; i < LAYERS; i++)
        for (enum slot slot = WEIGHT; slot <= RUNNING_MEAN; slot++)
            allocate(i, slot);
    flush();
}

int main(int argc, char **argv)
{
    const uint64_t wanted = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
    if (wanted == 0) {
        fputs("usage: write_long_capture EVENTS\n", stderr);
        return 2;
    }
    static struct names names;
    setup(&names);
    uint64_t steps = 0;
    while (steps == 0 || out.records < wanted) {
        char text[NAME_BYTES];
        snprintf(text, sizeof text, "step %llu", (unsigned long long)steps++);
        push(string(text));
        step(&names);
        flush();
    }
    free(out.bytes);
    fprintf(stderr, "%llu records, %llu steps\n", (unsigned long long)out.records,
            (unsigned long long)steps);
    return fflush(stdout) == 0 ? 0 : 1;
}
