# The operator test: one program, on softgpu (check-ops) and on the real libraries (check-ops-gpu).
OPS     := $(BUILD)/tests/ops/ops
OPS_OBJ := $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/ops/*.c))

$(BUILD)/tests/ops/%.o: tests/ops/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -Itests/ops -Iworkload/kernels $(VENDOR_INC) -c -o $@ $<
$(OPS): $(OPS_OBJ) $(WORKLOAD_CU_OBJ)
	$(CC) $(LDFLAGS) $(CUDA_LINK) -o $@ $^ $(addprefix -L,$(CUDNN_LIB)) -lcudart -l:libcudnn.so.9 -lcublas -lm

.PHONY: check-ops check-ops-gpu
check-ops-gpu: $(OPS)
	prove $(OPS)
CHECK_GPU += check-ops-gpu

ifneq ($(HAVE_ONEDNN),)
check-ops: $(OPS) $(SOFTGPU_CUDART) $(SOFTGPU_CUDNN) $(SOFTGPU_CUBLAS) $(BUILD)/softgpu/kernels/resnet152.so
	LD_BIND_NOW=1 LD_LIBRARY_PATH=$(SOFTGPU) prove $(OPS)
else
check-ops:
	@echo 'check-ops: skipped, softgpu needs oneDNN (libdnnl-dev)'
endif
CHECK += check-ops
-include $(OPS_OBJ:.o=.d)
