# Benchmarks: they print figures and judge nothing, but for pytorch_step.sh, which has a bound.
.PHONY: bench-step-cost
bench-step-cost: all
	bench/step_cost.sh
BENCH += bench-step-cost

.PHONY: bench-report-speed
bench-report-speed: $(BUILD)/graphprof $(LONG_CAPTURE) $(SHORTEN_CAPTURE)
	bench/report_speed.sh
BENCH += bench-report-speed

.PHONY: bench-recorder-memory bench-long-run
bench-recorder-memory: all $(LONG_RUN)
	bench/recorder_memory.sh
bench-long-run: all $(LONG_RUN)
	bench/long_run.sh
BENCH += bench-recorder-memory bench-long-run

.PHONY: bench-torch-hooks
bench-torch-hooks: all
	bench/torch_hooks.sh
BENCH += bench-torch-hooks

# Not part of `make bench`: these need a GPU.
.PHONY: bench-pytorch-step
bench-pytorch-step: all
	bench/pytorch_step.sh
.PHONY: bench-device-memory
bench-device-memory: all $(BUILD)/tests/gpu/kernel_record.so
	bench/device_memory.sh
