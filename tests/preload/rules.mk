# Tests of the recorder: its modules alone (cmocka, with sanitizers, without the vendor's libraries),
# its table against the vendor's headers and libraries, and a program whose capture is known.
PT           := $(BUILD)/tests/preload
PT_UNITS     := capture_writer kernel_params options ranges step_filter strings threads utf8
PT_SRC       := $(filter-out preload/wrap_% preload/nvtx_% preload/lifecycle.c preload/resolve.c \
                  preload/report_child.c preload/intercepted_md.c,$(PRELOAD_SRC))
PT_OBJ       := $(PT_SRC:preload/%.c=$(PT)/%.o) $(PT)/fake_vendor.o
PT_CFLAGS     = $(CFLAGS) -O1 -Ipreload -fno-omit-frame-pointer
PT_SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=undefined

$(PT)/%.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) $(PT_SANITIZE) -c -o $@ $<
$(PT)/%.o: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) $(PT_SANITIZE) -c -o $@ $<
$(PT)/test_%: $(PT)/test_%.o $(PT_OBJ)
	$(CC) $(PT_SANITIZE) -o $@ $^ -lcmocka -lpthread

.PHONY: check-preload-unit
ifneq ($(HAVE_CMOCKA),)
check-preload-unit: $(PT_UNITS:%=$(PT)/test_%)
	for unit in $^; do echo "# $$unit"; $$unit || exit 1; done
else
check-preload-unit:
	@echo "check-preload-unit: skipped: cmocka is missing (libcmocka-dev)"
endif
CHECK += check-preload-unit
-include $(wildcard $(PT)/*.d)
.SECONDARY: $(PT_UNITS:%=$(PT)/test_%.o)
