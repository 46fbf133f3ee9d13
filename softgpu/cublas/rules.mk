# libcublas: matrix and vector calls in fp32 over oneDNN. Left out where oneDNN's headers are missing.
ifneq ($(HAVE_ONEDNN),)
CUBLAS_MAJOR       := $(shell awk '/define[ \t]+CUBLAS_VER_MAJOR/ {print $$3; exit}' '$(CUDA_INC)/cublas_api.h' 2>/dev/null)
SOFTGPU_CUBLAS     := $(SOFTGPU)/libcublas.so.$(CUBLAS_MAJOR)
SOFTGPU_CUBLAS_OBJ := $(patsubst softgpu/cublas/%.c,$(SOFTGPU)/cublas/%.o,$(wildcard softgpu/cublas/*.c))

$(SOFTGPU)/cublas/%.o: softgpu/cublas/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -O3 -fopenmp -c -o $@ $<

$(SOFTGPU)/cublas/exports.map: softgpu/cublas/rules.mk softgpu/rules.mk
	$(call softgpu_map,libcublas.so.$(CUBLAS_MAJOR),cublas*;)

$(SOFTGPU_CUBLAS): $(SOFTGPU_CUBLAS_OBJ) $(SOFTGPU)/cublas/exports.map
	$(CC) $(call softgpu_link,$(@F),$(SOFTGPU)/cublas/exports.map) -fopenmp -o $@ $(SOFTGPU_CUBLAS_OBJ) -ldnnl -lm

.PHONY: softgpu-cublas
softgpu-cublas: $(SOFTGPU_CUBLAS)

ALL += $(SOFTGPU_CUBLAS)
-include $(SOFTGPU_CUBLAS_OBJ:.o=.d)
endif
