/* Reductions. */
#include "reduce.h"

#include "handle.h"
#include "status.h"
#include "work.h"

#include <math.h>
#include <stdint.h>

static double first_value(cudnnReduceTensorOp_t op)
{
    switch (op) {
    case CUDNN_REDUCE_TENSOR_MUL:
        return 1.0;
    case CUDNN_REDUCE_TENSOR_MIN:
        return INFINITY;
    case CUDNN_REDUCE_TENSOR_MAX:
        return -INFINITY;
    default:
        return 0.0;
    }
}

static double step(cudnnReduceTensorOp_t op, double sum, double value)
{
    switch (op) {
    case CUDNN_REDUCE_TENSOR_MUL:
        return sum * value;
    case CUDNN_REDUCE_TENSOR_MIN:
        return fmin(sum, value);
    case CUDNN_REDUCE_TENSOR_MAX:
        return fmax(sum, value);
    case CUDNN_REDUCE_TENSOR_AMAX:
        return fmax(sum, fabs(value));
    case CUDNN_REDUCE_TENSOR_NORM1:
        return sum + fabs(value);
    case CUDNN_REDUCE_TENSOR_NORM2:
        return sum + value * value;
    default:
        return sum + value;
    }
}

/* Offset of element `index` (row-major over dim[]) in a layout. */
static int64_t offset_of(int64_t index, int n, const int dim[], const int stride[])
{
    int64_t offset = 0;

    for (int i = n - 1; i >= 0; i--) {
        offset += index % dim[i] * stride[i];
        index /= dim[i];
    }
    return offset;
}

cudnnStatus_t tensor_reduce(const char *function, cudnnReduceTensorOp_t op, float alpha,
                            const struct cudnnTensorStruct *a_desc, const float *a, float beta,
                            const struct cudnnTensorStruct *c_desc, float *c)
{
    int dim[CUDNN_DIM_MAX]; /* of what is reduced into one element; 1 along the others */
    int64_t reduced = 1;
    int64_t kept = 1;

    if (a_desc->type != CUDNN_DATA_FLOAT || c_desc->type != CUDNN_DATA_FLOAT)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED_DATA_TYPE, function, "only CUDNN_DATA_FLOAT");
    if (op > CUDNN_REDUCE_TENSOR_NORM2)
        return refuse(CUDNN_STATUS_NOT_SUPPORTED, function, "reduction %d", (int)op);
    if (a_desc->nb_dims != c_desc->nb_dims)
        return refuse(CUDNN_STATUS_BAD_PARAM, function, "numbers of dimensions differ");
    for (int i = 0; i < a_desc->nb_dims; i++) {
        if (c_desc->dim[i] != 1 && c_desc->dim[i] != a_desc->dim[i])
            return refuse(CUDNN_STATUS_BAD_PARAM, function, "dimension %d is %d, expected 1 or %d",
                          i, c_desc->dim[i], a_desc->dim[i]);
        dim[i] = c_desc->dim[i] == 1 ? a_desc->dim[i] : 1;
        reduced *= dim[i];
        kept *= c_desc->dim[i];
    }
#pragma omp parallel for schedule(static)
    for (int64_t k = 0; k < kept; k++) {
        const float *from = a + offset_of(k, a_desc->nb_dims, c_desc->dim, a_desc->stride);
        float *to = c + offset_of(k, c_desc->nb_dims, c_desc->dim, c_desc->stride);
        double sum = first_value(op);

        for (int64_t r = 0; r < reduced; r++)
            sum = step(op, sum, from[offset_of(r, a_desc->nb_dims, dim, a_desc->stride)]);
        if (op == CUDNN_REDUCE_TENSOR_AVG)
            sum /= (double)reduced;
        if (op == CUDNN_REDUCE_TENSOR_NORM2)
            sum = sqrt(sum);
        *to = (float)(alpha * sum + (beta != 0.0f ? (double)beta * *to : 0.0));
    }
    return CUDNN_STATUS_SUCCESS;
}

/* None is needed. */
cudnnStatus_t cudnnGetReductionWorkspaceSize(cudnnHandle_t handle,
                                             const cudnnReduceTensorDescriptor_t reduceTensorDesc,
                                             const cudnnTensorDescriptor_t aDesc,
                                             const cudnnTensorDescriptor_t cDesc,
                                             size_t *sizeInBytes)
{
    if (handle == NULL || reduceTensorDesc == NULL || aDesc == NULL || cDesc == NULL ||
        sizeInBytes == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    *sizeInBytes = 0;
    return CUDNN_STATUS_SUCCESS;
}

cudnnStatus_t cudnnReduceTensor(cudnnHandle_t handle,
                                const cudnnReduceTensorDescriptor_t reduceTensorDesc, void *indices,
                                size_t indicesSizeInBytes, void *workspace,
                                size_t workspaceSizeInBytes, const void *alpha,
                                const cudnnTensorDescriptor_t aDesc, const void *A,
                                const void *beta, const cudnnTensorDescriptor_t cDesc, void *C)
{
    SOFTGPU_WORK();
    (void)indices;
    (void)indicesSizeInBytes;
    (void)workspace;
    (void)workspaceSizeInBytes;
    if (handle == NULL || reduceTensorDesc == NULL || alpha == NULL || beta == NULL ||
        aDesc == NULL || cDesc == NULL || A == NULL || C == NULL)
        return REFUSE(CUDNN_STATUS_BAD_PARAM_NULL_POINTER, "an argument is missing");
    if (reduceTensorDesc->indices != CUDNN_REDUCE_TENSOR_NO_INDICES)
        return REFUSE(CUDNN_STATUS_NOT_SUPPORTED, "indices of a reduction");
    return tensor_reduce(__func__, reduceTensorDesc->op, *(const float *)alpha, aDesc, A,
                         *(const float *)beta, cDesc, C);
}
