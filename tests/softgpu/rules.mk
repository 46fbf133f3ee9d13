# softgpu's own tests. Each C program is built twice: with the runtime's sources under the
# sanitizers, and against CUDA's own libcudart, to be run on the drop-in (LD_BIND_NOW: a function
# that it lacks fails at the start).
SG_TEST      := $(BUILD)/tests/softgpu
SG_SANITIZE  := -fsanitize=address,undefined -fno-omit-frame-pointer
SG_TESTS     := memory_test device_test environment_test graph_test
SG_DROP_IN   := $(SG_TESTS) launch_test

$(SG_TEST)/san/%.o: softgpu/cudart/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) $(SG_SANITIZE) -c -o $@ $<
$(SG_TEST)/san/%.o: tests/softgpu/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) $(SG_SANITIZE) -c -o $@ $<
$(SG_TEST)/%.o: tests/softgpu/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -c -o $@ $<
$(SG_TEST)/launch_kernels.o: tests/softgpu/launch_kernels.cu tests/softgpu/launch_kernels.h
	@mkdir -p $(@D)
	$(NVCC) -Xcompiler -fPIC -c -o $@ $<

SG_RUNTIME_SAN := $(patsubst softgpu/cudart/%.c,$(SG_TEST)/san/%.o,$(wildcard softgpu/cudart/*.c))
$(SG_TESTS:%=$(SG_TEST)/san/%): $(SG_TEST)/san/%: $(SG_TEST)/san/%.o $(SG_RUNTIME_SAN)
	$(CC) $(SG_SANITIZE) -o $@ $^ -lcmocka -lpthread -ldl
$(SG_TESTS:%=$(SG_TEST)/%): $(SG_TEST)/%: $(SG_TEST)/%.o
	$(CC) -o $@ $^ -L$(CUDA_LIB) -lcudart -lcmocka -lpthread
$(SG_TEST)/launch_test: $(SG_TEST)/launch_test.o $(SG_TEST)/launch_kernels.o
	$(CC) -o $@ $^ -L$(CUDA_LIB) -lcudart -lcmocka -lpthread -lstdc++

# The runtime looks for kernels/ beside itself: a link to it gives these tests a folder of their own.
$(SG_TEST)/lib/kernels/launch.so: tests/softgpu/launch_bodies.c tests/softgpu/launch_kernels.h softgpu/kernel.h
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) -shared -o $@ $<
$(SG_TEST)/lib/$(notdir $(SOFTGPU_CUDART)): $(SOFTGPU_CUDART)
	@mkdir -p $(@D)
	ln -sf $(abspath $<) $@

.PHONY: check-softgpu
ifeq ($(HAVE_CMOCKA),yes)
check-softgpu: $(SG_TESTS:%=$(SG_TEST)/san/%) $(SG_DROP_IN:%=$(SG_TEST)/%) \
    $(SG_TEST)/lib/kernels/launch.so $(SG_TEST)/lib/$(notdir $(SOFTGPU_CUDART))
	@set -e; for t in $(SG_TESTS); do $(SG_TEST)/san/$$t; done
	@set -e; for t in $(SG_DROP_IN); do LD_BIND_NOW=1 LD_LIBRARY_PATH=$(SG_TEST)/lib $(SG_TEST)/$$t; done
else
check-softgpu:
	@echo "check-softgpu: skipped: cmocka is missing (libcmocka-dev)"
endif
CHECK += check-softgpu
-include $(wildcard $(SG_TEST)/*.d $(SG_TEST)/san/*.d $(SG_TEST)/lib/kernels/*.d)
