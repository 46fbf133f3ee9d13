# resnet152, an ordinary training program: C and own kernels, linked to the CUDA libraries alone. Its
# RUNPATH gives way to LD_LIBRARY_PATH, which is how softgpu takes the libraries' place.
WORKLOAD_SRC    := $(wildcard workload/*.c)
WORKLOAD_CU     := $(wildcard workload/kernels/*.cu)
WORKLOAD_OBJ    := $(WORKLOAD_SRC:%.c=$(BUILD)/%.o)
# The kernels' device code in one object, which tests/ops links as well.
WORKLOAD_CU_OBJ := $(BUILD)/workload/kernels.o
WORKLOAD_CFLAGS  = $(CFLAGS) $(VENDOR_INC)
# -arch=all: code for each architecture that the toolkit knows and PTX of the highest.
# -fno-threadsafe-statics keeps nvcc's host stubs from needing libstdc++.
NVCCFLAGS       += -std=c++17 -O2 -arch=all --threads 0 -cudart shared -Xcompiler -Wall,-Wextra,-fno-exceptions,-fno-threadsafe-statics
CUDA_LINK       := $(foreach d,$(CUDA_LIB),-L$(d) -Wl,-rpath,$(d)) -Wl,--enable-new-dtags

$(BUILD)/workload/%.o: workload/%.c
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CFLAGS) -c -o $@ $<
# One compilation of all: each architecture's pass over CUDA's headers takes longer than the kernels.
$(BUILD)/workload/kernels.cu: $(WORKLOAD_CU)
	@mkdir -p $(@D)
	printf '#include "%s"\n' $(notdir $(WORKLOAD_CU)) >$@
$(WORKLOAD_CU_OBJ): $(BUILD)/workload/kernels.cu
	$(NVCC) $(NVCCFLAGS) -MMD -MP -MF $(@:.o=.d) -Iworkload/kernels -c -o $@ $<
$(BUILD)/resnet152: $(WORKLOAD_OBJ) $(WORKLOAD_CU_OBJ)
	$(CC) $(LDFLAGS) $(CUDA_LINK) -o $@ $^ -lcudart -l:libcudnn.so.9 $(addprefix -L,$(CUDNN_LIB)) -lcublas -ldl -lm

# The same kernels as CPU bodies, for softgpu: compiled as C, a loop over chunks shared by OpenMP.
WORKLOAD_CPU_CFLAGS = $(CFLAGS) -O3 -fPIC -fopenmp -fvisibility=default -Iworkload/kernels -Isoftgpu $(VENDOR_INC)
WORKLOAD_CPU_OBJ   := $(WORKLOAD_CU:workload/%.cu=$(BUILD)/workload/cpu/%.o) $(BUILD)/workload/cpu/kernels/softgpu_table.o
$(BUILD)/workload/cpu/%.o: workload/%.cu
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CPU_CFLAGS) -x c -c -o $@ $<
$(BUILD)/workload/cpu/%.o: workload/%.c
	@mkdir -p $(@D)
	$(CC) $(WORKLOAD_CPU_CFLAGS) -c -o $@ $<
$(BUILD)/softgpu/kernels/resnet152.so: $(WORKLOAD_CPU_OBJ)
	@mkdir -p $(@D)
	$(CC) $(LDFLAGS) -shared -fopenmp -o $@ $^ -lm

ALL += $(BUILD)/resnet152 $(BUILD)/softgpu/kernels/resnet152.so
-include $(WORKLOAD_OBJ:.o=.d) $(WORKLOAD_CU_OBJ:.o=.d) $(WORKLOAD_CPU_OBJ:.o=.d)
