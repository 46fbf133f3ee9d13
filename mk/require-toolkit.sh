#!/bin/sh
# Names each missing piece of the CUDA toolkit and how to install it; exit 2 if one is missing.
# Arguments: CUDA_HOME and the folders that mk/config.mk found (empty: not found).
status=0
need() {
    [ -n "$1" ] && return
    echo "graphprof: $2 not found: $3 (or set CUDA_HOME, now $cuda_home)" >&2
    status=2
}
cuda_home=$1
need "$2" "cuda_runtime_api.h" "install the CUDA 13 toolkit, as in 'apt-get install cuda-toolkit-13-0' from NVIDIA's repository"
need "$3" "libcudart.so" "install the CUDA 13 toolkit, as in 'apt-get install cuda-toolkit-13-0' from NVIDIA's repository"
[ -x "$cuda_home/bin/nvcc" ] || need "" "nvcc" "install the CUDA 13 toolkit's compiler, as in 'apt-get install cuda-nvcc-13-0'"
need "$4" "cudnn.h" "install cuDNN 9, as in 'apt-get install cudnn9-cuda-13'"
need "$5" "libcudnn.so.9" "install cuDNN 9, as in 'apt-get install cudnn9-cuda-13'"
need "$6" "cupti.h" "install CUPTI, as in 'apt-get install cuda-cupti-dev-13-0'"
exit $status
