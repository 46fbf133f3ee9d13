# libgraphprof.so: the recorder. Needs libc and nothing else; exports the wrappers, InitializeInjectionNvtx2, and
# what own_ranges.h and python_calls.c have. No sanitizer: it lives in processes that are not ours.
PRELOAD_SO     := $(BUILD)/libgraphprof.so
PRELOAD_SRC    := $(filter-out preload/intercepted_md.c,$(wildcard preload/*.c))
PRELOAD_OBJ    := $(PRELOAD_SRC:%.c=$(BUILD)/%.o)
PRELOAD_CFLAGS  = $(CFLAGS) -Ipreload $(VENDOR_INC) -fPIC -fvisibility=hidden -ftls-model=initial-exec

$(BUILD)/preload/%.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PRELOAD_CFLAGS) -c -o $@ $<

# nodelete: NVTX may close what it opened, but the program's functions lead here for good.
$(PRELOAD_SO): $(PRELOAD_OBJ)
	$(CC) -shared -Wl,-soname,$(@F) -Wl,-z,defs -Wl,-z,nodelete -Wl,-z,now -o $@ $(PRELOAD_OBJ)

ALL += $(PRELOAD_SO)

# The list of intercepted functions, from the same table as the wrappers.
$(BUILD)/preload/intercepted_md: $(BUILD)/preload/intercepted_md.o $(BUILD)/preload/api_table.o
	$(CC) -o $@ $^
docs/intercepted.md: $(BUILD)/preload/intercepted_md
	$< >$@

.PHONY: lint-intercepted
lint-intercepted: $(BUILD)/preload/intercepted_md
	$< | diff -u docs/intercepted.md - || { echo "docs/intercepted.md is not current: make docs/intercepted.md"; exit 1; }
LINT  += lint-intercepted
CHECK += lint-intercepted

-include $(PRELOAD_OBJ:.o=.d) $(BUILD)/preload/intercepted_md.d
