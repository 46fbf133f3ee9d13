/* cuDNN's wrappers. */
#include <cudnn.h>

#define GP_NOT_FOUND CUDNN_STATUS_NOT_INITIALIZED
#include "wrap.h"

#include "api/cudnn.def"
