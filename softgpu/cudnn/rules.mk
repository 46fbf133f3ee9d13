# libcudnn: the legacy API, and the graph API for convolutions, over oneDNN. Left out where oneDNN's headers are missing.
ifneq ($(HAVE_ONEDNN),)
CUDNN_MAJOR       := $(shell awk '/define[ \t]+CUDNN_MAJOR/ {print $$3; exit}' '$(CUDNN_INC)/cudnn_version.h' 2>/dev/null)
SOFTGPU_CUDNN     := $(SOFTGPU)/libcudnn.so.$(CUDNN_MAJOR)
SOFTGPU_CUDNN_OBJ := $(patsubst softgpu/cudnn/%.c,$(SOFTGPU)/cudnn/%.o,$(wildcard softgpu/cudnn/*.c))

$(SOFTGPU)/cudnn/%.o: softgpu/cudnn/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -O3 -fopenmp -c -o $@ $<

$(SOFTGPU)/cudnn/exports.map: softgpu/cudnn/rules.mk softgpu/rules.mk
	$(call softgpu_map,libcudnn.so.$(CUDNN_MAJOR),cudnn*;)

$(SOFTGPU_CUDNN): $(SOFTGPU_CUDNN_OBJ) $(SOFTGPU)/cudnn/exports.map
	$(CC) $(call softgpu_link,$(@F),$(SOFTGPU)/cudnn/exports.map) -fopenmp -o $@ $(SOFTGPU_CUDNN_OBJ) -ldnnl -lm

.PHONY: softgpu-cudnn
softgpu-cudnn: $(SOFTGPU_CUDNN)

ALL += $(SOFTGPU_CUDNN)
-include $(SOFTGPU_CUDNN_OBJ:.o=.d)
endif
