# libcudart: the runtime. Needs libc only.
SOFTGPU_CUDART     := $(SOFTGPU)/libcudart.so.$(CUDART_MAJOR)
SOFTGPU_CUDART_OBJ := $(patsubst softgpu/cudart/%.c,$(SOFTGPU)/cudart/%.o,$(wildcard softgpu/cudart/*.c))

$(SOFTGPU)/cudart/%.o: softgpu/cudart/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -c -o $@ $<

$(SOFTGPU)/cudart/exports.map: softgpu/cudart/rules.mk softgpu/rules.mk
	$(call softgpu_map,libcudart.so.$(CUDART_MAJOR),cuda*; __cuda*;)

$(SOFTGPU_CUDART): $(SOFTGPU_CUDART_OBJ) $(SOFTGPU)/cudart/exports.map
	$(CC) $(call softgpu_link,$(@F),$(SOFTGPU)/cudart/exports.map) -o $@ $(SOFTGPU_CUDART_OBJ) -lpthread -ldl

.PHONY: softgpu-cudart
softgpu-cudart: $(SOFTGPU_CUDART)

ALL += $(SOFTGPU_CUDART)
-include $(SOFTGPU_CUDART_OBJ:.o=.d)
