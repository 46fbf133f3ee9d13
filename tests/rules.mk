# Tests: each folder's own rules, and the sanity tests on whole profiles.
include $(wildcard tests/*/rules.mk)

# A profile made on softgpu now, and one from the capture kept from an H200.
PROFILES      := $(BUILD)/tests/profiles
KEPT_CAPTURES := $(patsubst tests/golden/%.gpcap.gz,%,$(wildcard tests/golden/*.gpcap.gz))

$(PROFILES)/softgpu/nodes.csv: $(ALL)
	$(BUILD)/graphprof run --softgpu yes -o $(@D) -- $(BUILD)/resnet152 --batch-size 2 --image-size 64 \
	    --warmup 1 --steps 3 --optimizer adam >/dev/null 2>&1
$(PROFILES)/%/nodes.csv: tests/golden/%.gpcap.gz $(BUILD)/graphprof
	@mkdir -p $(@D)
	gzip -dc $< >$(@D)/capture.gpcap
	$(BUILD)/graphprof report --quiet $(@D)/capture.gpcap

$(BUILD)/tests/test_profiler: tests/test_profiler.c $(BUILD)/tests/unit/libanalysis.a
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Ianalysis -fsanitize=address,undefined -o $@ $^ -lcmocka $(ANALYSIS_LIBS)

.PHONY: check-profiler
ifeq ($(HAVE_CMOCKA)$(HAVE_ONEDNN),yesyes)
check-profiler: $(BUILD)/tests/test_profiler $(PROFILES)/softgpu/nodes.csv $(KEPT_CAPTURES:%=$(PROFILES)/%/nodes.csv)
	$< $(patsubst %/nodes.csv,%,$(filter %/nodes.csv,$^))
else
check-profiler:
	@echo "check-profiler: skipped: cmocka or oneDNN is missing (libcmocka-dev, libdnnl-dev)"
endif
CHECK += check-profiler
