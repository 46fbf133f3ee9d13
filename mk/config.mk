# Where things are: compilers, the CUDA toolkit, cuDNN, CUPTI. Each may be set by the user.
CUDA_HOME ?= /usr/local/cuda
BUILD     := build

CC        ?= gcc
ifeq ($(origin CC),default)
CC        := gcc
endif
NVCC      := $(CUDA_HOME)/bin/nvcc

first_dir  = $(firstword $(foreach d,$(1),$(if $(wildcard $(d)/$(2)),$(d))))
CUDA_INC   := $(call first_dir,$(CUDA_HOME)/include $(CUDA_HOME)/targets/x86_64-linux/include,cuda_runtime_api.h)
CUDA_LIB   := $(call first_dir,$(CUDA_HOME)/lib64 $(CUDA_HOME)/targets/x86_64-linux/lib,libcudart.so)
CUDNN_INC  := $(call first_dir,$(CUDA_HOME)/include /usr/include /usr/include/x86_64-linux-gnu,cudnn.h)
CUDNN_LIB  := $(call first_dir,$(CUDA_HOME)/lib64 /usr/lib/x86_64-linux-gnu /usr/lib64,libcudnn.so.9)
CUPTI_INC  := $(call first_dir,$(CUDA_HOME)/include $(CUDA_HOME)/extras/CUPTI/include,cupti.h)

# Vendor headers are not ours to warn about: -isystem, CUDA's folder first.
VENDOR_INC := $(addprefix -isystem ,$(sort $(filter-out /usr/include,$(CUDA_INC) $(CUDNN_INC) $(CUPTI_INC))))

CSTD      := -std=c17 -D_GNU_SOURCE
WARN      := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
OPT       ?= -O2 -g
CFLAGS    += $(CSTD) $(WARN) $(OPT) -Iinclude -isystem third_party -MMD -MP

# $(call have_headers,LINES): yes if the compiler finds them. An escaped number sign inside a function
# call means different things to make 4.2 and 4.3, hence the variable.
number_sign := \#
include_line = $(number_sign)include <$(1)>\n
have_headers = $(shell printf '$(foreach h,$(1),$(call include_line,$(h)))' | $(CC) -E - >/dev/null 2>&1 && echo yes)
# $(call links_with,FLAGS): FLAGS, if a program can be compiled and linked with them.
links_with   = $(shell t=$$(mktemp) && echo 'int main(void) { return 0; }' | $(CC) $(1) -x c -o $$t - >/dev/null 2>&1 && echo '$(1)'; rm -f $$t)
HAVE_ONEDNN  := $(call have_headers,oneapi/dnnl/dnnl.h)
HAVE_CMOCKA  := $(call have_headers,stdarg.h stddef.h setjmp.h stdint.h cmocka.h)
HAVE_GNUPLOT := $(shell command -v gnuplot >/dev/null 2>&1 && echo yes)
HAVE_GPU     := $(shell nvidia-smi -L >/dev/null 2>&1 && echo yes)

# softgpu's OpenMP threads: a waiting thread spins for some microseconds, then sleeps. The default,
# 300 times that, makes everything crawl where cores are shared; sleeping at once
# (OMP_WAIT_POLICY=passive) makes a step of small images take 1.7 times as long on idle cores.
export GOMP_SPINCOUNT ?= 1000
