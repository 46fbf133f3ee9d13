# One small program and one script for each hazard of recording inside another program. The programs are
# linked to CUDA's own libraries and run on softgpu.
IT          := $(BUILD)/tests/integration
IT_PROGRAMS := allocating_threads caching_allocator close_all closed_descriptors early_late ending errno_kept \
               exit_while_busy filling forking nested_calls no_range nvtx_two_libraries rtld_local \
               several_outputs event_time long_threads \
               graphs many_steps moving_steps two_layers unknown_frees worker_threads handed_over several_streams \
               two_devices ranked own_workspace
IT_PROGRAMS += driver_only driver_and_runtime captured_library captured_blocks event_threads
IT_LINK      = -L$(CUDA_LIB) -lcudart -lpthread
IT_CFLAGS    = $(CFLAGS) -fPIC $(VENDOR_INC)
IT_TESTS    := $(sort $(wildcard tests/integration/*.t))

$(IT)/%.o: tests/integration/%.c
	@mkdir -p $(@D)
	$(CC) $(IT_CFLAGS) -c -o $@ $<
$(IT)/one.o $(IT)/two.o: $(IT)/%.o: tests/integration/nvtx_library.c
	@mkdir -p $(@D)
	$(CC) $(IT_CFLAGS) -DPREFIX=$* -c -o $@ $<

$(IT_PROGRAMS:%=$(IT)/%): $(IT)/%: $(IT)/%.o
	$(CC) -o $@ $< $(filter %.so,$^) -Wl,-rpath,'$$ORIGIN' $(IT_LINK) $(IT_MORE)
$(IT)/dump_capture: $(IT)/dump_capture.o
	$(CC) -o $@ $<

# The stub of libcuda comes with the toolkit; on softgpu there is one in a folder of its own.
$(IT)/driver_only: private IT_LINK := -L$(CUDA_LIB)/stubs -lcuda
$(IT)/driver_and_runtime $(IT)/captured_library: private IT_MORE = -L$(CUDA_LIB)/stubs -lcuda

# Not linked to libcudart: the plug-in that it loads is.
$(IT)/rtld_local: private IT_LINK := -ldl
$(IT)/rtld_local_plugin.so: $(IT)/rtld_local_plugin.o
	$(CC) -shared -o $@ $< $(IT_LINK)
$(IT)/rtld_local: | $(IT)/rtld_local_plugin.so

$(IT)/one.so $(IT)/two.so: $(IT)/%.so: $(IT)/%.o
	$(CC) -shared -Wl,-soname,$(@F) -o $@ $<
$(IT)/nvtx_two_libraries: $(IT)/one.so $(IT)/two.so
$(IT)/early_late_library.so: $(IT)/early_late_library.o
	$(CC) -shared -Wl,-soname,$(@F) -o $@ $< $(IT_LINK)
$(IT)/early_late: $(IT)/early_late_library.so
$(IT)/two_layers: private IT_MORE = -lcublas

$(IT)/libc10.so: $(IT)/caching_library.o
	$(CC) -shared -Wl,-soname,$(@F) -o $@ $<
$(IT)/caching_allocator $(IT)/captured_blocks: $(IT)/libc10.so

$(IT)/event_time $(IT)/own_workspace: private IT_MORE = -lcublas
$(IT)/event_threads: private IT_MORE = -ldl

# Calls inside it go through the PLT: no -Bsymbolic.
$(IT)/nested/libcudnn.so.9: $(IT)/nested_library.o
	@mkdir -p $(@D)
	printf 'libcudnn.so.9 {\n    global: cudnn*;\n    local: *;\n};\n' >$(@D)/exports.map
	$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(@D)/exports.map -o $@ $< $(IT_LINK)
$(IT)/nested_calls: private IT_MORE = $(CUDNN_LIB)/libcudnn.so.9
$(IT)/nested_calls: | $(IT)/nested/libcudnn.so.9

.PHONY: check-integration
ifneq ($(shell command -v prove 2>/dev/null),)
check-integration: $(ALL) $(IT_PROGRAMS:%=$(IT)/%) $(IT)/dump_capture
	BUILD=$(BUILD) prove --timer --jobs 2 $(IT_TESTS)
else
check-integration:
	@echo "check-integration: skipped: prove is missing (perl)"
endif
CHECK += check-integration
-include $(wildcard $(IT)/*.d)
