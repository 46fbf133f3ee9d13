# libcuda: the driver, for tests of programs that call it themselves. It lies in a folder of its own, so
# that nothing that runs on softgpu finds a driver unless a test says so. Needs softgpu's libcudart, which
# has the memory; loaded under a name of the driver's own where the program has no libcudart, so that
# nobody takes the program for one that has.
SOFTGPU_DRIVER     := $(SOFTGPU)/driver/libcuda.so.1
SOFTGPU_DRIVER_OBJ := $(patsubst softgpu/driver/%.c,$(SOFTGPU)/driver/%.o,$(wildcard softgpu/driver/*.c))

$(SOFTGPU)/driver/%.o: softgpu/driver/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -c -o $@ $<

# The vendor's has no versions.
$(SOFTGPU)/driver/exports.map: softgpu/driver/rules.mk
	@mkdir -p $(@D)
	printf '{\n    global: cu*;\n    local: *;\n};\n' >$@

$(SOFTGPU)/driver/libsoftgpu_runtime.so: | $(SOFTGPU_CUDART)
	@mkdir -p $(@D)
	ln -sf ../$(notdir $(SOFTGPU_CUDART)) $@

$(SOFTGPU_DRIVER): $(SOFTGPU_DRIVER_OBJ) $(SOFTGPU)/driver/exports.map | $(SOFTGPU)/driver/libsoftgpu_runtime.so
	$(CC) $(call softgpu_link,$(@F),$(SOFTGPU)/driver/exports.map) -Wl,-rpath,'$$ORIGIN' -o $@ $(SOFTGPU_DRIVER_OBJ) \
	    -lpthread -ldl

ALL += $(SOFTGPU_DRIVER)
-include $(SOFTGPU_DRIVER_OBJ:.o=.d)
