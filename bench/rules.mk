# Benchmarks: they print figures and judge nothing.
.PHONY: bench-step-cost
bench-step-cost: all
	bench/step_cost.sh
BENCH += bench-step-cost

.PHONY: bench-report-speed
bench-report-speed: $(BUILD)/graphprof $(LONG_CAPTURE)
	bench/report_speed.sh
BENCH += bench-report-speed
