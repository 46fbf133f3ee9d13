# libcupti: subscription and records of what softgpu's libraries do. Needs softgpu's libcudart.
CUPTI_MAJOR       := $(shell awk '/define[ \t]+CUPTI_API_VERSION/ {print int($$3/10000); exit}' '$(CUPTI_INC)/cupti_version.h' 2>/dev/null)
SOFTGPU_CUPTI     := $(SOFTGPU)/libcupti.so.$(CUPTI_MAJOR)
SOFTGPU_CUPTI_OBJ := $(patsubst softgpu/cupti/%.c,$(SOFTGPU)/cupti/%.o,$(wildcard softgpu/cupti/*.c))

$(SOFTGPU)/cupti/%.o: softgpu/cupti/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -c -o $@ $<

$(SOFTGPU)/cupti/exports.map: softgpu/cupti/rules.mk softgpu/rules.mk
	$(call softgpu_map,libcupti.so.$(CUPTI_MAJOR),cupti*;)

$(SOFTGPU_CUPTI): $(SOFTGPU_CUPTI_OBJ) $(SOFTGPU)/cupti/exports.map $(SOFTGPU)/libcudart.so.$(CUDART_MAJOR)
	$(CC) $(call softgpu_link,$(@F),$(SOFTGPU)/cupti/exports.map) -o $@ $(SOFTGPU_CUPTI_OBJ) \
	    $(SOFTGPU)/libcudart.so.$(CUDART_MAJOR) -lpthread

ALL += $(SOFTGPU_CUPTI)
-include $(SOFTGPU_CUPTI_OBJ:.o=.d)
