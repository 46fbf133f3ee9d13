# Tests of the recorder: its modules alone (cmocka, with sanitizers, without the vendor's libraries),
# its table against the vendor's headers and libraries, and programs whose captures are known.
PT           := $(BUILD)/tests/preload
PT_UNITS     := capture_writer children device_sample event_time gpu_time graph_table kernel_params message options \
                own_ranges put_record ranges report_child step_changes step_filter step_fold step_lists \
                string_table threads utf8
PT_RACES     := capture_writer graph_table step_fold string_table
PT_SRC       := $(filter-out preload/wrap_% preload/nvtx_% preload/cupti_% preload/nvml_% preload/lifecycle.c preload/resolve.c,$(PRELOAD_SRC))
PT_NAMES     := $(PT_SRC:preload/%.c=%) fake_vendor
PT_CFLAGS     = $(CFLAGS) -O1 -Ipreload -fno-omit-frame-pointer
PT_SANITIZE  := -fsanitize=address,undefined -fno-sanitize-recover=undefined

$(PT)/%.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) $(PT_SANITIZE) -c -o $@ $<
$(PT)/%.o: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) $(PT_SANITIZE) -c -o $@ $<
$(PT_UNITS:%=$(PT)/test_%): $(PT)/test_%: $(PT)/test_%.o $(PT_NAMES:%=$(PT)/%.o)
	$(CC) $(PT_SANITIZE) -o $@ $^ -lcmocka -lpthread

# The same under the thread sanitizer, where threads share most.
$(PT)/races/%.o: preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) -fsanitize=thread -c -o $@ $<
$(PT)/races/%.o: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(PT_CFLAGS) -fsanitize=thread -c -o $@ $<
$(PT_RACES:%=$(PT)/races/test_%): $(PT)/races/test_%: $(PT)/races/test_%.o $(PT_NAMES:%=$(PT)/races/%.o)
	$(CC) -fsanitize=thread -o $@ $^ -lcmocka -lpthread

.PHONY: check-preload-unit
ifneq ($(HAVE_CMOCKA),)
check-preload-unit: $(PT_UNITS:%=$(PT)/test_%) $(PT_RACES:%=$(PT)/races/test_%)
	for unit in $^; do echo "# $$unit"; $$unit || exit 1; done
else
check-preload-unit:
	@echo "check-preload-unit: skipped: cmocka is missing (libcmocka-dev)"
endif
CHECK += check-preload-unit

# The table.
$(PT)/api_names: $(BUILD)/preload/api_table.o $(PT)/plain/api_names.o
	$(CC) -o $@ $^
$(PT)/plain/%.o: tests/preload/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Ipreload -Isoftgpu $(VENDOR_INC) -fPIC -c -o $@ $<
$(PT)/prototypes.o: tests/preload/prototypes.cu
	@mkdir -p $(@D)
	$(NVCC) -std=c++17 $(addprefix -I,$(CUDNN_INC)) -Ipreload -MMD -MP -MF $(@:.o=.d) -c -o $@ $<

# Programs whose captures are known. The kernels of one of them run from a copy of softgpu of its own.
PT_CUDART := $(notdir $(SOFTGPU_CUDART))
PT_ON_CUDART := sequence steps forms allocations allocations_per_thread
$(PT_ON_CUDART:%=$(PT)/%): $(PT)/%: $(PT)/plain/%.o
	$(CC) -o $@ $< -L$(CUDA_LIB) -lcudart -ldl
$(PT)/absent: $(PT)/plain/absent.o
	$(CC) -o $@ $< -ldl
$(PT)/plain/allocations_per_thread.o: tests/preload/allocations.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(VENDOR_INC) -DCUDA_API_PER_THREAD_DEFAULT_STREAM -c -o $@ $<
$(PT)/launches: tests/preload/launches.cu
	@mkdir -p $(@D)
	$(NVCC) -std=c++17 -arch=all-major -cudart shared -o $@ $<
$(PT)/softgpu/$(PT_CUDART): $(SOFTGPU_CUDART)
	@mkdir -p $(@D)
	cp $< $@
$(PT)/softgpu/kernels/launches.so: $(PT)/plain/launches_kernels.o
	@mkdir -p $(@D)
	$(CC) -shared -o $@ $<
$(PT)/graph_library/libcudnn.so.9: $(PT)/plain/graph_library.o
	@mkdir -p $(@D)
	printf 'libcudnn.so.9 {\n    global: cudnn*;\n    local: *;\n};\n' >$(@D)/exports.map
	$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(@D)/exports.map -o $@ $<
$(PT)/graph: $(PT)/plain/graph.o | $(PT)/graph_library/libcudnn.so.9
	$(CC) -o $@ $< -L$(CUDA_LIB) -lcudart $(CUDNN_LIB)/libcudnn.so.9
PT_PROGRAMS := $(addprefix $(PT)/,$(PT_ON_CUDART) absent graph launches softgpu/$(PT_CUDART) softgpu/kernels/launches.so)

.PHONY: check-preload
ifneq ($(shell command -v prove 2>/dev/null),)
check-preload: $(PRELOAD_SO) $(BUILD)/graphprof $(IT)/dump_capture $(PT)/api_names $(PT)/prototypes.o $(PT_PROGRAMS)
	BUILD=$(BUILD) CUDA_LIB=$(CUDA_LIB) CUDNN_LIB=$(CUDNN_LIB) prove tests/preload/*.t
else
check-preload:
	@echo "check-preload: skipped: prove is missing (perl)"
endif
CHECK += check-preload

# The same captures on real hardware. GPU machines need not have prove.
.PHONY: check-gpu-preload
check-gpu-preload: $(PRELOAD_SO) $(BUILD)/graphprof $(IT)/dump_capture $(PT_PROGRAMS)
	ON=gpu BUILD=$(BUILD) CUDA_LIB=$(CUDA_LIB) tests/preload/sequence.t | tee $(PT)/gpu.tap
	! grep '^not ok' $(PT)/gpu.tap
CHECK_GPU += check-gpu-preload
-include $(wildcard $(PT)/*.d $(PT)/races/*.d $(PT)/plain/*.d)
.SECONDARY: $(PT_UNITS:%=$(PT)/test_%.o) $(PT_RACES:%=$(PT)/races/test_%.o)
