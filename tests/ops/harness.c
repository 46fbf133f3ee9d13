/* Arrays with guards, pseudo-random numbers, comparison and TAP. */
#include "ops.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define GUARD 64u /* floats behind each array */

cudnnHandle_t cudnn;
cublasHandle_t cublas;

static uint64_t random_state;
static unsigned checks;
static unsigned failures;
static bool on_softgpu; /* where nothing may be skipped */

_Noreturn void bail_out(const char *file, int line, const char *call, const char *reason)
{
    printf("Bail out! %s:%d: %s: %s\n", file, line, reason, call);
    exit(2);
}

void complain(const char *call, const char *reason) { printf("# %s: %s\n", reason, call); }

/* splitmix64 */
static uint64_t random_bits(void)
{
    uint64_t bits = (random_state += 0x9e3779b97f4a7c15u);

    bits = (bits ^ bits >> 30) * 0xbf58476d1ce4e5b9u;
    bits = (bits ^ bits >> 27) * 0x94d049bb133111ebu;
    return bits ^ bits >> 31;
}

uint32_t random_below(uint32_t limit) { return (uint32_t)((random_bits() >> 32) * limit >> 32); }

static float *must_alloc(size_t count)
{
    float *made = malloc(count * sizeof(*made));

    if (made == NULL)
        bail_out(__FILE__, __LINE__, "malloc", "no memory");
    return made;
}

static struct array array_new(size_t count)
{
    struct array array = {.count = count, .host = must_alloc(count + GUARD)};

    memset(array.host, 0xff, (count + GUARD) * sizeof(*array.host)); /* a NaN */
    MUST_CUDA(cudaMalloc((void **)&array.device, (count + GUARD) * sizeof(*array.host)));
    return array;
}

void array_upload(struct array *array)
{
    MUST_CUDA(cudaMemcpy(array->device, array->host, (array->count + GUARD) * sizeof(*array->host),
                         cudaMemcpyHostToDevice));
}

struct array array_random(size_t count, float low, float high)
{
    struct array array = array_new(count);

    for (size_t i = 0; i < count; i++)
        array.host[i] = low + (high - low) * (float)(random_bits() >> 40) * 0x1p-24f;
    array_upload(&array);
    return array;
}

struct array array_distinct(size_t count)
{
    struct array array = array_new(count);

    for (size_t i = 0; i < count; i++) { /* a random order of evenly spaced numbers */
        const size_t j = random_below((uint32_t)i + 1);

        array.host[i] = array.host[j];
        array.host[j] = (2.0f * (float)i + 1.0f) / (float)count - 1.0f;
    }
    array_upload(&array);
    return array;
}

struct array array_poisoned(size_t count)
{
    struct array array = array_new(count);

    array_upload(&array);
    return array;
}

void array_download(struct array *array)
{
    float untouched[GUARD];

    MUST_CUDA(cudaDeviceSynchronize());
    MUST_CUDA(cudaMemcpy(array->host, array->device, (array->count + GUARD) * sizeof(*array->host),
                         cudaMemcpyDeviceToHost));
    memset(untouched, 0xff, sizeof(untouched));
    if (memcmp((const unsigned char *)(array->host + array->count),
               (const unsigned char *)untouched, sizeof(untouched)) != 0)
        check_true(false, "memory behind an array is untouched");
}

void array_free(struct array *array)
{
    MUST_CUDA(cudaFree(array->device));
    free(array->host);
    *array = (struct array){0};
}

size_t shape_count(struct shape shape)
{
    return (size_t)shape.n * (size_t)shape.c * (size_t)shape.h * (size_t)shape.w;
}

size_t shape_at(struct shape shape, int n, int c, int h, int w)
{
    return (size_t)(shape.nhwc ? ((n * shape.h + h) * shape.w + w) * shape.c + c
                               : ((n * shape.c + c) * shape.h + h) * shape.w + w);
}

cudnnTensorDescriptor_t shape_descriptor(struct shape shape)
{
    cudnnTensorDescriptor_t desc;

    MUST_CUDNN(cudnnCreateTensorDescriptor(&desc));
    MUST_CUDNN(cudnnSetTensor4dDescriptor(desc, format_of(shape.nhwc), CUDNN_DATA_FLOAT, shape.n,
                                          shape.c, shape.h, shape.w));
    return desc;
}

cudnnTensorDescriptor_t channel_descriptor(int channels)
{
    return shape_descriptor((struct shape){1, channels, 1, 1, false});
}

double *reference_new(size_t count)
{
    double *made = calloc(count, sizeof(*made));

    if (made == NULL)
        bail_out(__FILE__, __LINE__, "calloc", "no memory");
    return made;
}

static void line(bool holds, const char *format, va_list list)
{
    checks++;
    failures += !holds;
    printf("%sok %u - ", holds ? "" : "not ", checks);
    vprintf(format, list);
}

void check_true(bool holds, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    line(holds, format, list);
    va_end(list);
    printf("\n");
}

/* ||out - reference|| / ||magnitude||, or the former where the latter is 0 */
static double error_of(struct array *out, const double *reference, const double *magnitude)
{
    double difference = 0.0;
    double size = 0.0;

    array_download(out);
    for (size_t i = 0; i < out->count; i++) {
        difference += (out->host[i] - reference[i]) * (out->host[i] - reference[i]);
        size += magnitude[i] * magnitude[i];
    }
    return size > 0.0 ? sqrt(difference / size) : sqrt(difference);
}

static void close_line(double error, double bound, const char *format, va_list list)
{
    line(error <= bound, format, list);
    printf(" (relative error %.2g, bound %.2g)\n", error, bound);
}

void check_close(struct array *out, const double *reference, double bound, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    close_line(error_of(out, reference, reference), bound, format, list);
    va_end(list);
}

void check_sum(struct array *out, const double *reference, const double *magnitude, double bound,
               const char *format, ...)
{
    va_list list;

    va_start(list, format);
    close_line(error_of(out, reference, magnitude), bound, format, list);
    va_end(list);
}

void skip(const char *reason, const char *format, ...)
{
    va_list list;

    va_start(list, format);
    line(!on_softgpu, format, list);
    va_end(list);
    printf(" # %s %s\n", on_softgpu ? "not to be skipped:" : "SKIP", reason);
}

int main(void)
{
    const char *seed = getenv("OPS_SEED");
    struct cudaDeviceProp device;

    random_state = seed != NULL ? strtoull(seed, NULL, 10) : 1;
    setvbuf(stdout, NULL, _IOLBF, 0);
    MUST_CUDA(cudaGetDeviceProperties(&device, 0));
    on_softgpu = strncmp(device.name, "softgpu", strlen("softgpu")) == 0;
    MUST_CUDNN(cudnnCreate(&cudnn));
    MUST_CUBLAS(cublasCreate(&cublas));
    MUST_CUBLAS(cublasSetMathMode(cublas, CUBLAS_PEDANTIC_MATH)); /* no TF32 */
    printf("# %s, cuDNN %zu; OPS_SEED=%llu\n", device.name, cudnnGetVersion(),
           (unsigned long long)random_state);
    test_convolution();
    test_convolution_graph();
    test_batch_norm();
    test_batch_norm_fused();
    test_pooling();
    test_elementwise();
    test_softmax();
    test_gemm();
    test_vectors();
    test_kernels();
    test_layer_kernels();
    MUST_CUBLAS(cublasDestroy(cublas));
    MUST_CUDNN(cudnnDestroy(cudnn));
    printf("1..%u\n", checks);
    return failures != 0;
}
