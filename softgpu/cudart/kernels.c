#include "kernels.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/queue.h>

struct CUkern_st {
    const void *host_function;
    const char *name; /* in the program's image */
    void **fatbin;
    const struct softgpu_kernel *body; /* NULL: not looked for yet, or none */
    bool sought;
    LIST_ENTRY(CUkern_st) others;
};

/* A program has tens of kernels, and each launch finds its own through the handle first: a list
 * that moves what it found to its front is enough. */
static LIST_HEAD(kernel_list, CUkern_st) kernels = LIST_HEAD_INITIALIZER(kernels);
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

void **sg_fatbin_new(void) { return calloc(1, sizeof(void *)); }

void sg_fatbin_end(void **fatbin)
{
    pthread_mutex_lock(&lock);
    for (cudaKernel_t kernel = LIST_FIRST(&kernels), next; kernel; kernel = next) {
        next = LIST_NEXT(kernel, others);
        if (kernel->fatbin == fatbin) {
            LIST_REMOVE(kernel, others);
            free(kernel);
        }
    }
    pthread_mutex_unlock(&lock);
    free(fatbin);
}

void sg_kernel_register(void **fatbin, const void *host_function, const char *name)
{
    cudaKernel_t kernel = calloc(1, sizeof *kernel);
    if (!kernel)
        return; /* a launch will say that the kernel is not known */
    kernel->host_function = host_function;
    kernel->name = name;
    kernel->fatbin = fatbin;
    pthread_mutex_lock(&lock);
    LIST_INSERT_HEAD(&kernels, kernel, others);
    pthread_mutex_unlock(&lock);
}

cudaKernel_t sg_kernel_find(const void *function)
{
    pthread_mutex_lock(&lock);
    cudaKernel_t kernel;
    for (kernel = LIST_FIRST(&kernels); kernel; kernel = LIST_NEXT(kernel, others))
        if (kernel == function || kernel->host_function == function)
            break;
    if (kernel && kernel != LIST_FIRST(&kernels)) {
        LIST_REMOVE(kernel, others);
        LIST_INSERT_HEAD(&kernels, kernel, others);
    }
    pthread_mutex_unlock(&lock);
    return kernel;
}

const char *sg_kernel_name(cudaKernel_t kernel) { return kernel->name; }

const struct softgpu_kernel *sg_kernel_runnable(cudaKernel_t kernel)
{
    sg_kernel_folder(); /* loads the tables, with no lock of ours held */
    pthread_mutex_lock(&lock);
    const bool first = !kernel->sought;
    if (first) {
        kernel->sought = true;
        kernel->body = sg_kernel_body(kernel->name);
    }
    const struct softgpu_kernel *const body = kernel->body;
    pthread_mutex_unlock(&lock);
    if (!body && first)
        fprintf(stderr, "softgpu: kernel %s has no CPU body in %s\n", kernel->name,
                sg_kernel_folder());
    return body;
}
