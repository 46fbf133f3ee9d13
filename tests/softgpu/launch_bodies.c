/* The CPU body for launch_kernels.cu, as a program's kernel library brings it. */
#include "kernel.h"
#include "launch_kernels.h"

static void fill_list(void **args)
{
    const struct pointer_list *const list = args[0];
    const float value = *(const float *)args[1] * (float)*(const char *)args[2];
    for (int k = 0; k < list->count; k++)
        for (size_t i = 0; i < *(const size_t *)args[3]; i++)
            list->pointers[k][i] = value;
}

static const size_t fill_list_params[] = {sizeof(struct pointer_list), sizeof(float), sizeof(char),
                                          sizeof(size_t)};
const struct softgpu_kernel softgpu_kernels[] = {{"fill_list", fill_list, 4, fill_list_params},
                                                 {NULL, NULL, 0, NULL}};
