# Checks on real hardware: what the recorder assumes of the runtime.
GPU_ASSUMPTIONS := $(addprefix $(BUILD)/tests/gpu/,assumptions assumptions_streams)
$(GPU_ASSUMPTIONS): $(BUILD)/tests/gpu/%: tests/gpu/%.cu
	@mkdir -p $(@D)
	$(NVCC) -arch=all-major -cudart shared -o $@ $<

.PHONY: check-gpu-assumptions
check-gpu-assumptions: $(GPU_ASSUMPTIONS)
	@status=0; for a in $^; do $$a || status=1; done; exit $$status
CHECK_GPU += check-gpu-assumptions

# GPU time per node against an independent record of kernels.
CUPTI_LIB := $(call first_dir,$(CUDA_LIB) $(CUDA_HOME)/extras/CUPTI/lib64,libcupti.so)
$(BUILD)/tests/gpu/kernel_record.so: tests/gpu/kernel_record.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(VENDOR_INC) -fPIC -shared -o $@ $< -L$(CUPTI_LIB) -Wl,-rpath,$(CUPTI_LIB) -lcupti -lpthread

.PHONY: check-gpu-time
check-gpu-time: $(ALL) $(BUILD)/tests/gpu/kernel_record.so
	BUILD=$(BUILD) tests/gpu/gpu_time.sh
CHECK_GPU += check-gpu-time

# The same by CUDA events, against CUPTI's.
.PHONY: check-gpu-events
check-gpu-events: $(ALL) $(BUILD)/tests/integration/event_time
	BUILD=$(BUILD) tests/gpu/events.sh
CHECK_GPU += check-gpu-events

# The books against the driver's figure and CUPTI's record of allocations.
.PHONY: check-gpu-books
check-gpu-books: $(ALL) $(BUILD)/tests/gpu/kernel_record.so
	BUILD=$(BUILD) tests/gpu/books.sh
CHECK_GPU += check-gpu-books

# PyTorch, unchanged, where there is one.
.PHONY: check-gpu-pytorch
check-gpu-pytorch: $(ALL)
	BUILD=$(BUILD) tests/gpu/pytorch.sh
CHECK_GPU += check-gpu-pytorch

.PHONY: check-gpu-pytorch-graph
check-gpu-pytorch-graph: $(ALL)
	BUILD=$(BUILD) tests/gpu/pytorch_graph.sh
CHECK_GPU += check-gpu-pytorch-graph

# CUDA graphs: what CUPTI tells of their nodes.
$(BUILD)/tests/gpu/graphs: tests/gpu/graphs.cu
	@mkdir -p $(@D)
	$(NVCC) -arch=all-major -cudart shared -o $@ $< -lcublas

.PHONY: check-gpu-graphs
check-gpu-graphs: $(ALL) $(BUILD)/tests/gpu/graphs $(BUILD)/tests/integration/graphs
	BUILD=$(BUILD) tests/gpu/graphs.sh
CHECK_GPU += check-gpu-graphs
-include $(BUILD)/tests/gpu/kernel_record.d

# Programs that the recorder reaches through the driver. cudart is linked statically, as nvcc does.
$(BUILD)/tests/gpu/static_cudart: tests/gpu/static_cudart.cu
	@mkdir -p $(@D)
	$(NVCC) -arch=all-major -o $@ $<

.PHONY: check-gpu-driver-users
check-gpu-driver-users: $(ALL) $(BUILD)/tests/gpu/static_cudart
	BUILD=$(BUILD) tests/gpu/driver_users.sh
CHECK_GPU += check-gpu-driver-users

# Jobs of several processes, and several devices in one.
.PHONY: check-gpu-ranks
check-gpu-ranks: $(ALL) $(BUILD)/tests/integration/two_devices
	BUILD=$(BUILD) tests/gpu/ranks.sh
CHECK_GPU += check-gpu-ranks
