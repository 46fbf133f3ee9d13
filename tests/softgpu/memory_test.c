/* Device memory: capacity, what is told of it, pools, pointers, arrays, copies. */
#include <cuda_runtime_api.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "cmocka_all.h"

#define CAPACITY ((size_t)64 << 20)
#define MIB      ((size_t)1 << 20)

static size_t free_bytes(void)
{
    size_t free_now, total;
    ok(cudaMemGetInfo(&free_now, &total));
    assert_int_equal(CAPACITY, total);
    return free_now;
}

static int reset(void **state)
{
    (void)state;
    cudaGetLastError();
    return cudaDeviceReset() != cudaSuccess;
}

static void capacity_is_real(void **state)
{
    (void)state;
    void *all, *more = (void *)&all;
    ok(cudaMalloc(&all, CAPACITY));
    assert_int_equal(0, free_bytes());
    assert_cuda(cudaErrorMemoryAllocation, cudaMalloc(&more, 1));
    assert_ptr_equal(&all, more);
    assert_cuda(cudaErrorMemoryAllocation, cudaPeekAtLastError());
    assert_cuda(cudaErrorMemoryAllocation, cudaGetLastError());
    assert_cuda(cudaSuccess, cudaGetLastError());
    ok(cudaFree(all));
    ok(cudaMalloc(&more, 1));
    assert_int_equal(CAPACITY - 1, free_bytes());
    ok(cudaFree(more));
    assert_cuda(cudaErrorMemoryAllocation, cudaMalloc(&all, SIZE_MAX));
}

static void memory_info_is_exact(void **state)
{
    (void)state;
    static const size_t sizes[] = {1, 511, 512, 513, 300000, 5 * MIB + 3};
    enum {
        COUNT = sizeof sizes / sizeof sizes[0]
    };
    void *blocks[COUNT];
    size_t taken = 0;
    for (int round = 0; round < 3; round++) {
        for (int i = 0; i < COUNT; i++) {
            ok(cudaMalloc(&blocks[i], sizes[i]));
            assert_int_equal(0, (uintptr_t)blocks[i] % 512);
            memset(blocks[i], 1, sizes[i]); /* the sanitizer's build sees whether it is there */
            taken += sizes[i];
            assert_int_equal(CAPACITY - taken, free_bytes());
        }
        for (int i = 0; i < COUNT; i++) {
            ok(cudaFree(blocks[i]));
            taken -= sizes[i];
            assert_int_equal(CAPACITY - taken, free_bytes());
        }
    }
}

static void a_large_block_is_handed_out_again(void **state)
{
    (void)state;
    void *first, *second;
    ok(cudaMalloc(&first, 10 * MIB));
    ok(cudaFree(first));
    ok(cudaMalloc(&second, 10 * MIB - 5));
    assert_ptr_equal(first, second);
    ok(cudaFree(second));
}

static size_t resident_bytes(void)
{
    unsigned long pages = 0;
    FILE *const statm = fopen("/proc/self/statm", "r");
    assert_non_null(statm);
    assert_int_equal(1, fscanf(statm, "%*u %lu", &pages));
    fclose(statm);
    return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* Each size has a class of its own: what is kept of one must make room for the next. All of them
 * together would be 2 GiB. */
static void freed_blocks_are_not_hoarded(void **state)
{
    (void)state;
    void *block;
    const size_t before = resident_bytes();
    for (size_t bytes = MIB; bytes <= CAPACITY; bytes += MIB) {
        ok(cudaMalloc(&block, bytes));
        memset(block, 1, bytes);
        ok(cudaFree(block));
    }
    assert_in_range(resident_bytes(), 0, before + 2 * CAPACITY);
}

static void wrong_frees_are_refused(void **state)
{
    (void)state;
    char *block, own = 0;
    ok(cudaMalloc((void **)&block, 1000));
    assert_cuda(cudaErrorInvalidValue, cudaFree(&own));
    assert_cuda(cudaErrorInvalidValue, cudaFree(block + 512));
    assert_cuda(cudaErrorInvalidValue, cudaFreeHost(block));
    ok(cudaFree(block));
    assert_cuda(cudaErrorInvalidValue, cudaFree(block));
    ok(cudaFree(NULL));
    ok(cudaFreeHost(NULL));
    ok(cudaFreeAsync(NULL, 0));
    assert_int_equal(CAPACITY, free_bytes());
}

static void no_bytes_give_a_null_pointer(void **state)
{
    (void)state;
    void *block = &block;
    ok(cudaMalloc(&block, 0));
    assert_null(block);
}

static uint64_t of_pool(cudaMemPool_t pool, enum cudaMemPoolAttr attribute)
{
    uint64_t value = UINT64_MAX;
    ok(cudaMemPoolGetAttribute(pool, attribute, &value));
    return value;
}

static void pool_books_are_exact(void **state)
{
    (void)state;
    cudaMemPool_t pool;
    void *a, *b, *c;
    uint64_t zero = 0;
    ok(cudaDeviceGetDefaultMemPool(&pool, 0));
    ok(cudaMallocAsync(&a, 1000, 0));
    ok(cudaMallocAsync(&b, 3 * MIB + 1, 0));
    assert_int_equal(0, (uintptr_t)b % 256);
    assert_int_equal(3 * MIB + 1001, of_pool(pool, cudaMemPoolAttrUsedMemCurrent));
    ok(cudaFreeAsync(b, 0));
    assert_int_equal(1000, of_pool(pool, cudaMemPoolAttrUsedMemCurrent));
    assert_int_equal(3 * MIB + 1001, of_pool(pool, cudaMemPoolAttrReservedMemCurrent));
    assert_int_equal(CAPACITY - 3 * MIB - 1001, free_bytes());
    ok(cudaMallocAsync(&c, 2 * MIB, 0)); /* from the reserve */
    assert_int_equal(CAPACITY - 3 * MIB - 1001, free_bytes());
    assert_int_equal(3 * MIB + 1001, of_pool(pool, cudaMemPoolAttrUsedMemHigh));
    ok(cudaStreamSynchronize(0));
    assert_int_equal(2 * MIB + 1000, of_pool(pool, cudaMemPoolAttrReservedMemCurrent));
    assert_int_equal(CAPACITY - 2 * MIB - 1000, free_bytes());
    assert_int_equal(3 * MIB + 1001, of_pool(pool, cudaMemPoolAttrReservedMemHigh));
    ok(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrUsedMemHigh, &zero));
    ok(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReservedMemHigh, &zero));
    assert_int_equal(2 * MIB + 1000, of_pool(pool, cudaMemPoolAttrUsedMemHigh));
    assert_int_equal(2 * MIB + 1000, of_pool(pool, cudaMemPoolAttrReservedMemHigh));
    ok(cudaFree(a)); /* cudaFree takes a pool's memory too */
    ok(cudaFreeAsync(c, 0));
    assert_int_equal(0, of_pool(pool, cudaMemPoolAttrUsedMemCurrent));
}

static void the_release_threshold_keeps_a_reserve(void **state)
{
    (void)state;
    cudaMemPool_t pool;
    void *a;
    uint64_t threshold = 2 * MIB;
    ok(cudaDeviceGetDefaultMemPool(&pool, 0));
    ok(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
    assert_int_equal(threshold, of_pool(pool, cudaMemPoolAttrReleaseThreshold));
    ok(cudaMallocAsync(&a, 5 * MIB, 0));
    ok(cudaFreeAsync(a, 0));
    assert_int_equal(CAPACITY - 5 * MIB, free_bytes());
    ok(cudaDeviceSynchronize());
    assert_int_equal(CAPACITY - 2 * MIB, free_bytes());
    ok(cudaMemPoolTrimTo(pool, MIB));
    assert_int_equal(CAPACITY - MIB, free_bytes());
    /* the reserve is let go where the device runs short */
    ok(cudaMalloc(&a, CAPACITY));
    ok(cudaFree(a));
    threshold = UINT64_MAX;
    ok(cudaMemPoolSetAttribute(pool, cudaMemPoolAttrReleaseThreshold, &threshold));
    ok(cudaMallocAsync(&a, CAPACITY / 2, 0));
    ok(cudaFreeAsync(a, 0));
    ok(cudaDeviceSynchronize());
    ok(cudaMallocAsync(&a, CAPACITY, 0));
    assert_int_equal(0, free_bytes());
    assert_int_equal(CAPACITY, of_pool(pool, cudaMemPoolAttrReservedMemCurrent));
    ok(cudaFreeAsync(a, 0));
}

static void a_pool_of_ones_own(void **state)
{
    (void)state;
    cudaMemPool_t pool, now, standard;
    struct cudaMemPoolProps props = {.allocType = cudaMemAllocationTypePinned,
                                     .location = {.type = cudaMemLocationTypeDevice, .id = 0},
                                     .maxSize = MIB};
    void *a, *b;
    ok(cudaMemPoolCreate(&pool, &props));
    ok(cudaMallocFromPoolAsync(&a, MIB, pool, 0));
    assert_cuda(cudaErrorMemoryAllocation, cudaMallocFromPoolAsync(&b, 1, pool, 0));
    ok(cudaFreeAsync(a, 0));
    ok(cudaDeviceSetMemPool(0, pool));
    ok(cudaDeviceGetMemPool(&now, 0));
    assert_ptr_equal(pool, now);
    ok(cudaMallocAsync(&a, 1000, 0));
    assert_int_equal(1000, of_pool(pool, cudaMemPoolAttrUsedMemCurrent));
    /* the block outlives the pool's handle */
    ok(cudaMemPoolDestroy(pool));
    assert_cuda(cudaErrorInvalidValue, cudaMemPoolTrimTo(pool, 0));
    ok(cudaDeviceGetMemPool(&now, 0));
    ok(cudaDeviceGetDefaultMemPool(&standard, 0));
    assert_ptr_equal(standard, now);
    assert_int_equal(CAPACITY - MIB, free_bytes());
    ok(cudaFreeAsync(a, 0));
    assert_int_equal(CAPACITY, free_bytes());
    assert_cuda(cudaErrorInvalidValue, cudaMemPoolDestroy(standard));
    uint64_t used = 5;
    assert_cuda(cudaErrorInvalidValue,
                cudaMemPoolSetAttribute(standard, cudaMemPoolAttrUsedMemCurrent, &used));
    assert_cuda(cudaErrorInvalidValue,
                cudaMemPoolSetAttribute(standard, cudaMemPoolAttrUsedMemHigh, &used));
}

static void assert_pointer(const void *p, enum cudaMemoryType type, int device)
{
    struct cudaPointerAttributes attributes;
    ok(cudaPointerGetAttributes(&attributes, p));
    assert_int_equal(type, attributes.type);
    assert_int_equal(device, attributes.device);
}

static void pointers_are_told_apart(void **state)
{
    (void)state;
    char *device, *pooled, *managed, *pinned, registered[64], own;
    void *mapped;
    ok(cudaMalloc((void **)&device, 1000));
    ok(cudaMallocAsync((void **)&pooled, 1000, 0));
    ok(cudaMallocManaged((void **)&managed, 1000, cudaMemAttachGlobal));
    ok(cudaMallocHost((void **)&pinned, 1000));
    ok(cudaHostRegister(registered, sizeof registered, cudaHostRegisterDefault));
    assert_pointer(device + 999, cudaMemoryTypeDevice, 0);
    assert_pointer(pooled, cudaMemoryTypeDevice, 0);
    assert_pointer(managed + 7, cudaMemoryTypeManaged, 0);
    assert_pointer(pinned, cudaMemoryTypeHost, 0);
    assert_pointer(registered + 63, cudaMemoryTypeHost, 0);
    assert_pointer(&own, cudaMemoryTypeUnregistered, cudaInvalidDeviceId);
    assert_int_equal(CAPACITY - 3000, free_bytes());
    ok(cudaHostGetDevicePointer(&mapped, pinned, 0));
    assert_ptr_equal(pinned, mapped);
    assert_cuda(cudaErrorHostMemoryAlreadyRegistered,
                cudaHostRegister(registered + 8, 8, cudaHostRegisterDefault));
    assert_cuda(cudaErrorInvalidValue, cudaFreeHost(registered));
    ok(cudaHostUnregister(registered));
    assert_cuda(cudaErrorHostMemoryNotRegistered, cudaHostUnregister(registered));
    ok(cudaFreeHost(pinned));
    assert_pointer(pinned, cudaMemoryTypeUnregistered, cudaInvalidDeviceId);
    ok(cudaFree(managed));
    ok(cudaFree(device));
    ok(cudaFreeAsync(pooled, 0));
}

static void pitched_memory_and_arrays_count(void **state)
{
    (void)state;
    void *rows;
    size_t pitch;
    struct cudaPitchedPtr box;
    cudaArray_t array;
    cudaMipmappedArray_t levels;
    const struct cudaChannelFormatDesc rgba = {8, 8, 8, 8, cudaChannelFormatKindUnsigned};
    const struct cudaChannelFormatDesc odd = {8, 8, 8, 0, cudaChannelFormatKindUnsigned};
    ok(cudaMallocPitch(&rows, &pitch, 513, 3));
    assert_int_equal(1024, pitch);
    assert_int_equal(CAPACITY - 3072, free_bytes());
    ok(cudaMalloc3D(&box, (struct cudaExtent){100, 5, 7}));
    assert_int_equal(CAPACITY - 3072 - (size_t)512 * 35, free_bytes());
    ok(cudaFree(rows));
    ok(cudaFree(box.ptr));
    ok(cudaMallocArray(&array, &rgba, 10, 0, 0));
    assert_int_equal(CAPACITY - 40, free_bytes());
    ok(cudaFreeArray(array));
    assert_cuda(cudaErrorInvalidValue, cudaFreeArray(array));
    ok(cudaMalloc3DArray(&array, &rgba, (struct cudaExtent){10, 10, 10}, 0));
    assert_int_equal(CAPACITY - 4000, free_bytes());
    ok(cudaFreeArray(array));
    assert_cuda(cudaErrorInvalidChannelDescriptor, cudaMallocArray(&array, &odd, 10, 10, 0));
    ok(cudaMallocMipmappedArray(&levels, &rgba, (struct cudaExtent){8, 8, 0}, 4, 0));
    assert_int_equal(CAPACITY - (size_t)4 * (64 + 16 + 4 + 1), free_bytes());
    ok(cudaFreeMipmappedArray(levels));
    assert_int_equal(CAPACITY, free_bytes());
}

static void copies_mean_what_they_say(void **state)
{
    (void)state;
    char host[100], back[100] = {0}, *device;
    for (int i = 0; i < 100; i++)
        host[i] = (char)i;
    ok(cudaMalloc((void **)&device, 100));
    ok(cudaMemcpy(device, host, 100, cudaMemcpyHostToDevice));
    ok(cudaMemcpyAsync(back, device, 100, cudaMemcpyDeviceToHost, 0));
    assert_memory_equal(host, back, 100);
    ok(cudaMemset(device, 7, 50));
    ok(cudaMemsetAsync(device + 50, 8, 50, 0));
    ok(cudaMemcpy(back, device, 100, cudaMemcpyDefault));
    assert_int_equal(7, back[49]);
    assert_int_equal(8, back[50]);
    /* the middle 2x2 of a 4x4 */
    ok(cudaMemset2D(device, 4, 0, 4, 4));
    ok(cudaMemcpy2D(device + 5, 4, host + 1, 2, 2, 2, cudaMemcpyHostToDevice));
    ok(cudaMemcpy(back, device, 16, cudaMemcpyDeviceToHost));
    static const char expected[16] = {0, 0, 0, 0, 0, 1, 2, 0, 0, 3, 4, 0, 0, 0, 0, 0};
    assert_memory_equal(expected, back, 16);
    /* what the kind calls device memory must be, all of it */
    assert_cuda(cudaErrorInvalidValue, cudaMemcpy(back, host, 1, cudaMemcpyHostToDevice));
    assert_cuda(cudaErrorInvalidValue, cudaMemcpy(device, host, 1, cudaMemcpyDeviceToDevice));
    assert_cuda(cudaErrorInvalidValue, cudaMemcpy(back, device, 101, cudaMemcpyDeviceToHost));
    assert_cuda(cudaErrorInvalidValue, cudaMemset(device + 1, 0, 100));
    assert_cuda(cudaErrorInvalidPitchValue,
                cudaMemcpy2D(device, 1, host, 2, 2, 2, cudaMemcpyHostToDevice));
    assert_cuda(cudaErrorInvalidMemcpyDirection,
                cudaMemcpy(device, host, 1, (enum cudaMemcpyKind)9));
    ok(cudaMemcpy(device, host, 0, cudaMemcpyHostToDevice));
    ok(cudaFree(device));
}

static void a_reset_frees_everything(void **state)
{
    (void)state;
    void *a, *b, *c;
    cudaStream_t stream;
    ok(cudaMalloc(&a, MIB));
    ok(cudaMallocAsync(&b, MIB, 0));
    ok(cudaMallocManaged(&c, MIB, cudaMemAttachGlobal));
    ok(cudaStreamCreate(&stream));
    ok(cudaDeviceReset());
    assert_int_equal(CAPACITY, free_bytes());
    assert_cuda(cudaErrorInvalidValue, cudaFree(a));
    assert_cuda(cudaErrorInvalidResourceHandle, cudaStreamSynchronize(stream));
}

int main(void)
{
    setenv("SOFTGPU_MEMORY", "64M", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(capacity_is_real, reset),
        cmocka_unit_test_setup(memory_info_is_exact, reset),
        cmocka_unit_test_setup(a_large_block_is_handed_out_again, reset),
        cmocka_unit_test_setup(freed_blocks_are_not_hoarded, reset),
        cmocka_unit_test_setup(wrong_frees_are_refused, reset),
        cmocka_unit_test_setup(no_bytes_give_a_null_pointer, reset),
        cmocka_unit_test_setup(pool_books_are_exact, reset),
        cmocka_unit_test_setup(the_release_threshold_keeps_a_reserve, reset),
        cmocka_unit_test_setup(a_pool_of_ones_own, reset),
        cmocka_unit_test_setup(pointers_are_told_apart, reset),
        cmocka_unit_test_setup(pitched_memory_and_arrays_count, reset),
        cmocka_unit_test_setup(copies_mean_what_they_say, reset),
        cmocka_unit_test_setup(a_reset_frees_everything, reset),
    };
    return cmocka_run_group_tests_name("softgpu memory", tests, NULL, NULL);
}
