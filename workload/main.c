/*
 * resnet152: trains torchvision's ResNet-152 and prints one line a step. An ordinary program over
 * cudart, cuDNN and cuBLAS, and an example of the naming contract in graphprof/node_name.h.
 */
#include "data.h"
#include "device.h"
#include "fail.h"
#include "model.h"
#include "numbers.h"
#include "optimizer.h"
#include "options.h"
#include "ranges.h"

#include <graphprof/node_name.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

/* A batch in pinned host memory, from where it is copied in each step. */
struct batch {
    float *images;
    int32_t *labels;
    float *losses;
    size_t image_bytes;
    size_t label_bytes;
};

static double now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static struct batch batch_new(const struct data_source *data)
{
    struct batch b = {
        .image_bytes = (size_t)data->batch_size * 3 * (size_t)data->image_size *
                       (size_t)data->image_size * sizeof(float),
        .label_bytes = (size_t)data->batch_size * sizeof(int32_t),
    };
    CHECK_CUDA(cudaMallocHost((void **)&b.images, b.image_bytes));
    CHECK_CUDA(cudaMallocHost((void **)&b.labels, b.label_bytes));
    CHECK_CUDA(cudaMallocHost((void **)&b.losses, (size_t)data->batch_size * sizeof(float)));
    return b;
}

static void batch_free(struct batch *b)
{
    CHECK_CUDA(cudaFreeHost(b->images));
    CHECK_CUDA(cudaFreeHost(b->labels));
    CHECK_CUDA(cudaFreeHost(b->losses));
}

static void load(const struct device *device, struct model *model, const struct data_source *data,
                 const struct batch *batch, int64_t number)
{
    if (number == 0 || !data->repeats)
        data->fill(data, number, batch->images, batch->labels);
    value_make(device, &model->values[0]);
    CHECK_CUDA(cudaMemcpyAsync(model->values[0].data->data, batch->images, batch->image_bytes,
                               cudaMemcpyHostToDevice, device->stream));
    model->labels = buffer_new(device, batch->label_bytes);
    CHECK_CUDA(cudaMemcpyAsync(model->labels->data, batch->labels, batch->label_bytes,
                               cudaMemcpyHostToDevice, device->stream));
}

/* Waits for the device. Returns the mean over the batch. */
static double read_loss(const struct device *device, struct model *model, const struct batch *batch)
{
    const int n = model->values[0].n;
    CHECK_CUDA(cudaMemcpyAsync(batch->losses, model->losses->data, (size_t)n * sizeof(float),
                               cudaMemcpyDeviceToHost, device->stream));
    buffer_release(device, &model->losses);
    CHECK_CUDA(cudaStreamSynchronize(device->stream));
    double sum = 0;
    for (int i = 0; i < n; i++)
        sum += (double)batch->losses[i];
    return sum / n;
}

/* Runs `body` in a range. */
#define RANGE(name, body)                                                                          \
    do {                                                                                           \
        range_push(name);                                                                          \
        body;                                                                                      \
        range_pop();                                                                               \
    } while (0)

/* One training step; returns its loss. */
static double train_step(const struct device *device, struct model *model,
                         struct optimizer *optimizer, const struct data_source *data,
                         const struct batch *batch, int64_t step)
{
    char name[32];
    double loss;
    snprintf(name, sizeof name, GP_RANGE_STEP_FORMAT, (int)step);
    range_push(name);
    RANGE("zero_grad", model_zero_grad(device, model));
    RANGE("data", load(device, model, data, batch, step - 1));
    RANGE(GP_RANGE_FORWARD, model_forward(device, model));
    RANGE(GP_RANGE_BACKWARD, model_backward(device, model));
    RANGE(GP_RANGE_OPTIMIZER, optimizer_step(device, model, optimizer));
    RANGE("read_loss", loss = read_loss(device, model, batch));
    range_pop();
    return loss;
}

/* Batch norm needs two values a channel; a side is divided by 32, rounded up, before the last. */
static void check_size(const struct data_source *data)
{
    const int side = (data->image_size + 31) / 32;
    if (data->batch_size * side * side < 2)
        fail_input(
            "--batch-size: 1 image of size %d leaves one value a channel to normalise; use a "
            "larger batch or larger images",
            data->image_size);
}

int main(int argc, char **argv)
{
    const struct options options = options_parse(argc, argv);
    struct data_source data = data_open(&options);
    check_size(&data);
    struct numbers *numbers = numbers_open(options.numbers);

    range_push("init");
    struct device device = device_open(&options);
    struct model *model =
        model_resnet152(data.batch_size, data.image_size, data.classes, (uint64_t)options.seed);
    model_setup(&device, model);
    struct batch batch = batch_new(&data);
    struct optimizer optimizer = optimizer_open(&options);
    range_pop();

    for (int64_t step = 1; step <= options.warmup + options.steps; step++) {
        const double start = now_ms();
        const double loss = train_step(&device, model, &optimizer, &data, &batch, step);
        const double ms = now_ms() - start;
        printf("step %" PRId64 " loss %.9g ms %.3f images/s %.1f%s\n", step, loss, ms,
               data.batch_size * 1e3 / ms, step <= options.warmup ? " warmup" : "");
        fflush(stdout);
        numbers_loss(numbers, step, loss);
        if (step == 1)
            numbers_first_step(numbers, &device, model);
    }

    numbers_close(numbers);
    batch_free(&batch);
    model_close(&device, model);
    device_close(&device);
    data_close(&data);
    return EXIT_SUCCESS;
}
