# graphprof: which node of a training step owns each byte of GPU memory, and where the time goes.
# One Makefile; each folder's rules.mk says what is built from that folder.
.DEFAULT_GOAL := all
SHELL         := /bin/bash
.SHELLFLAGS   := -o pipefail -ec
.DELETE_ON_ERROR:

include mk/config.mk

ALL   :=   # files that `make all` builds
CHECK :=   # targets that `make check` runs
CHECK_GPU :=
BENCH :=
LINT  :=

include preload/rules.mk
include python/rules.mk
include analysis/rules.mk
include workload/rules.mk
include softgpu/rules.mk
include tests/rules.mk
include bench/rules.mk
include mk/lint.mk
include mk/house.mk

.PHONY: all demo check check-gpu bench lint deps clean help check-built demo-built
all: toolkit $(ALL)               ## build everything that this machine has the libraries for

# `deps` may install what mk/config.mk looked for: the second make looks again. It builds on all
# processors, and tests on all, each target's output in one piece; `make -j1 check` takes all in turn.
# So softgpu has one thread in a test that does not ask for more: threads of several programs on the
# same processors would wait for one another, at three times the cost.
PARALLEL = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
demo: deps                        ## run the main job: the sweep over batch sizes, into reports/
	+@$(MAKE) --no-print-directory $(PARALLEL) all
	+@$(MAKE) --no-print-directory demo-built
check: deps                       ## all tests that need no GPU
	+@$(MAKE) --no-print-directory $(PARALLEL) all
	+@OMP_NUM_THREADS=1 $(MAKE) --no-print-directory $(PARALLEL) --output-sync=target check-built
check-gpu: all $(CHECK_GPU)       ## the same on real hardware
bench: all $(BENCH)               ## what recording costs, in paired, interleaved runs
lint: deps $(LINT)                ## clang-format, clang-tidy, cppcheck, shellcheck and our own rules

demo-built: all
	./stage1_validate.sh
check-built: all $(CHECK)
