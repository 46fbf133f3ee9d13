/* The kinds of layers; each is defined in a file of its own. */
#ifndef WORKLOAD_LAYERS_H
#define WORKLOAD_LAYERS_H

#include "model.h"

extern const struct layer layer_conv;     /* no bias */
extern const struct layer layer_bn;       /* training mode, momentum 0.1, eps 1e-5 */
extern const struct layer layer_relu;     /* in place */
extern const struct layer layer_add_relu; /* other is added to input, and ReLU, in place */
extern const struct layer layer_pool;     /* maximum, or average over the whole image */
extern const struct layer layer_fc;       /* with bias */
extern const struct layer layer_loss;     /* mean cross entropy; labels and losses in the model */

#endif
