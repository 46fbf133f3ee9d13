# Checks on real hardware: what the recorder assumes of the runtime.
$(BUILD)/tests/gpu/assumptions: tests/gpu/assumptions.cu
	@mkdir -p $(@D)
	$(NVCC) -arch=all-major -cudart shared -o $@ $<

.PHONY: check-gpu-assumptions
check-gpu-assumptions: $(BUILD)/tests/gpu/assumptions
	$<
CHECK_GPU += check-gpu-assumptions
