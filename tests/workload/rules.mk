# resnet152's host side under the sanitizers, and the program as a user meets it, on softgpu.
WT      := $(BUILD)/tests/workload
WT_SRC  := $(addprefix workload/,data.c data_cifar10.c data_raw.c data_synthetic.c fail.c generator.c ranges.c)
WT_OBJ  := $(WT_SRC:workload/%.c=$(WT)/san/%.o) $(WT)/san/host_test.o
WT_SAN  := -fsanitize=address,undefined -fno-omit-frame-pointer

$(WT)/san/%.o: workload/%.c
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) $(WT_SAN) -c -o $@ $<
$(WT)/san/%.o: tests/workload/%.c
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -I. $(WT_SAN) -c -o $@ $<
$(WT)/host_test: $(WT_OBJ)
	$(CC) $(WT_SAN) -o $@ $^ -lcmocka -ldl -lm

.PHONY: check-workload check-workload-host
ifeq ($(HAVE_CMOCKA),yes)
check-workload-host: $(WT)/host_test
	$<
else
check-workload-host:
	@echo "check-workload-host: skipped: cmocka is missing (libcmocka-dev)"
endif
check-workload: $(ALL)
	BUILD=$(BUILD) prove --timer tests/workload/command_line.t
CHECK += check-workload-host check-workload
-include $(WT_OBJ:.o=.d)
