# The operator test: one program, on the real libraries (check-ops-gpu) and on softgpu (check-ops),
# there also with the program, libcudnn and libcublas under the sanitizers.
OPS          := $(BUILD)/tests/ops/ops
OPS_SRC      := $(wildcard tests/ops/*.c)
OPS_OBJ      := $(OPS_SRC:%.c=$(BUILD)/%.o)
# The workload's plans of convolutions, tested here as well.
OPS_WORKLOAD := workload/conv_graph.c workload/conv_plan.c
OPS_CFLAGS    = $(CFLAGS) -I. $(VENDOR_INC)
OPS_LIBS      = $(CUDA_LINK) $(addprefix -L,$(CUDNN_LIB)) -lcudart -l:libcudnn.so.9 -lcublas -lm

$(BUILD)/tests/ops/%.o: tests/ops/%.c
	@mkdir -p $(@D)
	$(CC) $(OPS_CFLAGS) -c -o $@ $<
$(OPS): $(OPS_OBJ) $(OPS_WORKLOAD:%.c=$(BUILD)/%.o) $(WORKLOAD_CU_OBJ)
	$(CC) $(LDFLAGS) -o $@ $^ $(OPS_LIBS)

.PHONY: check-ops check-ops-gpu
check-ops-gpu: $(OPS)
	prove $(OPS)
CHECK_GPU += check-ops-gpu

ifneq ($(HAVE_ONEDNN),)
OPS_SAN       := $(BUILD)/tests/ops/san
OPS_SANITIZE  := -O1 -fsanitize=address,undefined -fno-omit-frame-pointer
OPS_SAN_OBJ   := $(OPS_SRC:tests/ops/%.c=$(OPS_SAN)/%.o) $(OPS_WORKLOAD:%.c=$(OPS_SAN)/%.o)
OPS_SAN_CUDNN := $(patsubst softgpu/%.c,$(OPS_SAN)/%.o,$(wildcard softgpu/cudnn/*.c))
OPS_SAN_CUBLAS := $(patsubst softgpu/%.c,$(OPS_SAN)/%.o,$(wildcard softgpu/cublas/*.c))
OPS_SAN_LIBS  := $(addprefix $(OPS_SAN)/,$(notdir $(SOFTGPU_CUDNN) $(SOFTGPU_CUBLAS)))

$(OPS_SAN)/%.o: tests/ops/%.c
	@mkdir -p $(@D)
	$(CC) $(OPS_CFLAGS) $(OPS_SANITIZE) -c -o $@ $<
$(OPS_SAN)/workload/%.o: workload/%.c
	@mkdir -p $(@D)
	$(CC) $(OPS_CFLAGS) $(OPS_SANITIZE) -c -o $@ $<
$(OPS_SAN)/%.o: softgpu/%.c
	@mkdir -p $(@D)
	$(CC) $(SOFTGPU_CFLAGS) $(OPS_SANITIZE) -fopenmp -c -o $@ $<
$(OPS_SAN)/$(notdir $(SOFTGPU_CUDNN)): $(OPS_SAN_CUDNN) $(SOFTGPU_CUDNN)
	$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(SOFTGPU)/cudnn/exports.map \
	    -Wl,-Bsymbolic $(OPS_SANITIZE) -fopenmp -o $@ $(OPS_SAN_CUDNN) -ldnnl -lm
$(OPS_SAN)/$(notdir $(SOFTGPU_CUBLAS)): $(OPS_SAN_CUBLAS) $(SOFTGPU_CUBLAS)
	$(CC) -shared -Wl,-soname,$(@F) -Wl,--version-script,$(SOFTGPU)/cublas/exports.map \
	    -Wl,-Bsymbolic $(OPS_SANITIZE) -fopenmp -o $@ $(OPS_SAN_CUBLAS) -ldnnl -lm
$(OPS_SAN)/ops: $(OPS_SAN_OBJ) $(WORKLOAD_CU_OBJ)
	$(CC) $(LDFLAGS) $(OPS_SANITIZE) -o $@ $^ $(OPS_LIBS)

check-ops: $(OPS) $(OPS_SAN)/ops $(OPS_SAN_LIBS) $(SOFTGPU_CUDART) $(BUILD)/softgpu/kernels/resnet152.so
	OMP_NUM_THREADS=2 LD_BIND_NOW=1 LD_LIBRARY_PATH=$(SOFTGPU) prove $(OPS)
	OMP_NUM_THREADS=2 LD_LIBRARY_PATH=$(OPS_SAN):$(SOFTGPU) prove $(OPS_SAN)/ops
else
check-ops:
	@echo 'check-ops: skipped: softgpu needs oneDNN (libdnnl-dev)'
endif
CHECK += check-ops
-include $(wildcard $(BUILD)/tests/ops/*.d $(BUILD)/tests/ops/san/*.d $(BUILD)/tests/ops/san/*/*.d)
