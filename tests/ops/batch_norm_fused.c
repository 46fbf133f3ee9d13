/*
 * The Ex forms of batch normalization. What they fuse is compared with the plain calls and loops
 * for the rest: y = relu(bn(x) + z), backward through both. Real cuDNN fuses only some layouts and
 * types; what it refuses (NOT_SUPPORTED) is skipped by name.
 */
#include "ops.h"

#include <math.h>
#include <stdlib.h>

#define EPSILON 1e-5

static const char *const ops_name[] = {"bn", "bn + relu", "bn + add + relu"};

struct fused {
    struct shape shape;
    cudnnBatchNormOps_t ops;
    cudnnTensorDescriptor_t desc, channel_desc;
    cudnnActivationDescriptor_t relu;
    struct array x, z, y, scale, bias, mean, inverse, workspace, reserve;
    struct array dy, dx, dz, dscale, dbias, backward_workspace;
    double *ref_y, *ref_dx, *ref_dz, *ref_dscale, *ref_dbias;
};

/* Fills the references of channel c. */
static void loops(struct fused *f, int c)
{
    const struct shape s = f->shape;
    const double count = (double)s.n * s.h * s.w;
    double mean = 0.0;
    double variance = 0.0;
    double sum = 0.0;
    double dot = 0.0;

    for (int pass = 0; pass < 4; pass++)
        for (int n = 0; n < s.n; n++)
            for (int h = 0; h < s.h; h++)
                for (int w = 0; w < s.w; w++) {
                    const size_t at = shape_at(s, n, c, h, w);
                    const double centred = f->x.host[at] - mean;
                    const double normal = centred / sqrt(variance / count + EPSILON);
                    double y;

                    if (pass == 0) {
                        mean += f->x.host[at] / count;
                        continue;
                    }
                    if (pass == 1) {
                        variance += centred * centred;
                        continue;
                    }
                    if (pass == 3) {
                        f->ref_dx[at] = f->scale.host[c] / sqrt(variance / count + EPSILON) *
                                        (f->ref_dz[at] - sum / count - normal * dot / count);
                        continue;
                    }
                    y = normal * f->scale.host[c] + f->bias.host[c];
                    if (f->ops == CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION)
                        y += f->z.host[at];
                    if (fabs(y) < 1e-4) /* rounding may put it on either side of the relu's bend */
                        f->dy.host[at] = 0.0f;
                    f->ref_dz[at] =
                        f->ops == CUDNN_BATCHNORM_OPS_BN || y > 0.0 ? f->dy.host[at] : 0.0;
                    f->ref_y[at] = f->ops == CUDNN_BATCHNORM_OPS_BN || y > 0.0 ? y : 0.0;
                    sum += f->ref_dz[at];
                    dot += f->ref_dz[at] * normal;
                }
    f->ref_dscale[c] = dot;
    f->ref_dbias[c] = sum;
}

static struct fused fused_new(struct shape shape, cudnnBatchNormOps_t ops)
{
    const size_t count = shape_count(shape);
    const size_t channels = (size_t)shape.c;
    struct fused f = {.shape = shape,
                      .ops = ops,
                      .desc = shape_descriptor(shape),
                      .channel_desc = channel_descriptor(shape.c),
                      .x = array_random(count, -1.0f, 2.0f),
                      .z = array_random(count, -1.0f, 1.0f),
                      .y = array_poisoned(count),
                      .scale = array_random(channels, 0.5f, 2.0f),
                      .bias = array_random(channels, -1.0f, 1.0f),
                      .mean = array_poisoned(channels),
                      .inverse = array_poisoned(channels),
                      .dy = array_random(count, -1.0f, 1.0f),
                      .dx = array_poisoned(count),
                      .dz = array_poisoned(count),
                      .dscale = array_poisoned(channels),
                      .dbias = array_poisoned(channels),
                      .ref_y = reference_new(count),
                      .ref_dx = reference_new(count),
                      .ref_dz = reference_new(count),
                      .ref_dscale = reference_new(channels),
                      .ref_dbias = reference_new(channels)};

    MUST_CUDNN(cudnnCreateActivationDescriptor(&f.relu));
    MUST_CUDNN(
        cudnnSetActivationDescriptor(f.relu, CUDNN_ACTIVATION_RELU, CUDNN_NOT_PROPAGATE_NAN, 0.0));
    for (int c = 0; c < shape.c; c++)
        loops(&f, c);
    array_upload(&f.dy);
    return f;
}

static void fused_free(struct fused *f)
{
    struct array *const arrays[] = {&f->x,         &f->z,
                                    &f->y,         &f->scale,
                                    &f->bias,      &f->mean,
                                    &f->dy,        &f->dx,
                                    &f->dz,        &f->dscale,
                                    &f->inverse,   &f->dbias,
                                    &f->workspace, &f->backward_workspace,
                                    &f->reserve};

    for (size_t i = 0; i < sizeof(arrays) / sizeof(arrays[0]); i++)
        array_free(arrays[i]);
    free(f->ref_y);
    free(f->ref_dx);
    free(f->ref_dz);
    free(f->ref_dscale);
    free(f->ref_dbias);
    MUST_CUDNN(cudnnDestroyActivationDescriptor(f->relu));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(f->desc));
    MUST_CUDNN(cudnnDestroyTensorDescriptor(f->channel_desc));
}

/* What an operation does not use is NULL, as cuDNN documents it. */
static bool adds(const struct fused *f) { return f->ops == CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION; }
static bool activates(const struct fused *f) { return f->ops != CUDNN_BATCHNORM_OPS_BN; }

/* The three sizes. */
static cudnnStatus_t make_spaces(struct fused *f, cudnnBatchNormMode_t mode)
{
    const cudnnTensorDescriptor_t z_desc = adds(f) ? f->desc : NULL;
    const cudnnTensorDescriptor_t y_desc = activates(f) ? f->desc : NULL;
    const cudnnActivationDescriptor_t relu = activates(f) ? f->relu : NULL;
    size_t bytes = 0;
    cudnnStatus_t status = cudnnGetBatchNormalizationForwardTrainingExWorkspaceSize(
        cudnn, mode, f->ops, f->desc, z_desc, f->desc, f->channel_desc, relu, &bytes);

    f->workspace = array_poisoned((bytes + 3) / 4);
    bytes = 0;
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnGetBatchNormalizationBackwardExWorkspaceSize(cudnn, mode, f->ops, f->desc,
                                                                   y_desc, f->desc, z_desc, f->desc,
                                                                   f->channel_desc, relu, &bytes);
    f->backward_workspace = array_poisoned((bytes + 3) / 4);
    bytes = 0;
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnGetBatchNormalizationTrainingExReserveSpaceSize(cudnn, mode, f->ops, relu,
                                                                      f->desc, &bytes);
    f->reserve = array_poisoned((bytes + 3) / 4);
    return status;
}

static cudnnStatus_t run(struct fused *f, cudnnBatchNormMode_t mode)
{
    const float one = 1.0f;
    const float zero = 0.0f;
    const cudnnTensorDescriptor_t z_desc = adds(f) ? f->desc : NULL;
    const cudnnTensorDescriptor_t y_desc = activates(f) ? f->desc : NULL;
    const cudnnActivationDescriptor_t relu = activates(f) ? f->relu : NULL;
    cudnnStatus_t status = make_spaces(f, mode);

    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBatchNormalizationForwardTrainingEx(
            cudnn, mode, f->ops, &one, &zero, f->desc, f->x.device, z_desc,
            adds(f) ? f->z.device : NULL, f->desc, f->y.device, f->channel_desc, f->scale.device,
            f->bias.device, 1.0, NULL, NULL, EPSILON, f->mean.device, f->inverse.device, relu,
            f->workspace.device, f->workspace.count * sizeof(float), f->reserve.device,
            f->reserve.count * sizeof(float));
    if (status == CUDNN_STATUS_SUCCESS)
        status = cudnnBatchNormalizationBackwardEx(
            cudnn, mode, f->ops, &one, &zero, &one, &zero, f->desc, f->x.device, y_desc,
            activates(f) ? f->y.device : NULL, f->desc, f->dy.device, z_desc,
            adds(f) ? f->dz.device : NULL, f->desc, f->dx.device, f->channel_desc, f->scale.device,
            activates(f) ? f->bias.device : NULL, f->dscale.device, f->dbias.device, EPSILON,
            f->mean.device, f->inverse.device, relu, f->backward_workspace.device,
            f->backward_workspace.count * sizeof(float), f->reserve.device,
            f->reserve.count * sizeof(float));
    return status;
}

static void check_fused(struct shape shape, cudnnBatchNormMode_t mode, cudnnBatchNormOps_t ops)
{
    const char *layout = layout_name(shape.nhwc);
    const char *name = ops_name[ops];
    struct fused f = fused_new(shape, ops);
    const cudnnStatus_t status = run(&f, mode);

    if (CUDNN_STATUS_CATEGORY(status) == CUDNN_STATUS_NOT_SUPPORTED) {
        skip("not supported by this library", "batch norm Ex %s %s", name, layout);
    } else {
        TRY_CUDNN(status);
        check_close(&f.y, f.ref_y, BOUND_SUM, "batch norm Ex %s %s: y", name, layout);
        check_close(&f.dx, f.ref_dx, BOUND_SUM, "batch norm Ex %s %s: dx", name, layout);
        check_close(&f.dscale, f.ref_dscale, BOUND_SUM, "batch norm Ex %s %s: dscale", name,
                    layout);
        check_close(&f.dbias, f.ref_dbias, BOUND_SUM, "batch norm Ex %s %s: dbias", name, layout);
        if (adds(&f))
            check_close(&f.dz, f.ref_dz, BOUND_ELEMENT, "batch norm Ex %s %s: dz", name, layout);
    }
    array_download(&f.workspace);
    array_download(&f.backward_workspace);
    array_download(&f.reserve);
    fused_free(&f);
}

void test_batch_norm_fused(void)
{
    for (int nhwc = 0; nhwc < 2; nhwc++)
        for (int ops = CUDNN_BATCHNORM_OPS_BN; ops <= CUDNN_BATCHNORM_OPS_BN_ADD_ACTIVATION; ops++)
            check_fused((struct shape){4, 64, 7, 7, nhwc}, CUDNN_BATCHNORM_SPATIAL_PERSISTENT,
                        (cudnnBatchNormOps_t)ops);
}
