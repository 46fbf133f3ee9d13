# The training's numbers against PyTorch's (reference.csv): some runs on softgpu, all on a GPU.
$(BUILD)/tests/golden/check_numbers: tests/golden/check_numbers.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -fsanitize=address,undefined -o $@ $< -lm

GOLDEN_SOFTGPU := 64:sgd:nchw 64:sgd:nhwc 64:adam:nchw 64:adam:nhwc 224:sgd:nchw 224:adam:nhwc
.PHONY: check-golden check-golden-gpu
check-golden: $(ALL) $(BUILD)/tests/golden/check_numbers
	BUILD=$(BUILD) prove --timer tests/golden/check_numbers.t
	BUILD=$(BUILD) prove --timer tests/golden/golden.t :: softgpu $(GOLDEN_SOFTGPU)
check-golden-gpu: $(ALL) $(BUILD)/tests/golden/check_numbers
	BUILD=$(BUILD) prove --timer -v tests/golden/golden.t :: gpu
.PHONY: check-golden-capture
check-golden-capture: $(BUILD)/graphprof $(BUILD)/tests/scale/shorten_capture
	BUILD=$(BUILD) prove tests/golden/short_form.t tests/golden/pytorch_capture.t
CHECK     += check-golden check-golden-capture
CHECK_GPU += check-golden-gpu
-include $(BUILD)/tests/golden/check_numbers.d
