# libgraphprof.so: the recorder. Needs libc and nothing else; exports the wrappers and
# InitializeInjectionNvtx2. No sanitizer: it lives in processes that are not ours.
PRELOAD_SO     := $(BUILD)/libgraphprof.so
PRELOAD_SRC    := $(wildcard preload/*.c)
PRELOAD_OBJ    := $(PRELOAD_SRC:%.c=$(BUILD)/%.o)
PRELOAD_CFLAGS  = $(CFLAGS) -Ipreload $(VENDOR_INC) -fPIC -fvisibility=hidden -ftls-model=initial-exec

$(BUILD)/preload/%.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PRELOAD_CFLAGS) -c -o $@ $<

# nodelete: NVTX may close what it opened, but the program's functions lead here for good.
$(PRELOAD_SO): $(PRELOAD_OBJ)
	$(CC) -shared -Wl,-soname,$(@F) -Wl,-z,defs -Wl,-z,nodelete -Wl,-z,now -o $@ $(PRELOAD_OBJ)

ALL += $(PRELOAD_SO)
-include $(PRELOAD_OBJ:.o=.d)
