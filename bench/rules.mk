# Benchmarks: they print figures and judge nothing.
.PHONY: bench-step-cost
bench-step-cost: all
	bench/step_cost.sh
BENCH += bench-step-cost
