# softgpu: drop-in libcudart, libcudnn and libcublas on the CPU, chosen by LD_LIBRARY_PATH.
# Each library's own rules stand in softgpu/<library>/rules.mk. They include the vendor's headers, so
# that a prototype that is not the vendor's does not compile.
SOFTGPU        := $(BUILD)/softgpu
SOFTGPU_CFLAGS  = $(CFLAGS) -fPIC -fvisibility=default -Isoftgpu $(VENDOR_INC)

# What this holds: NAME.so.N is both soname and symbol version, as in the vendor's libraries, and
# the vendor's loader refuses a library without the version. N is CUDART_VERSION's major.
CUDART_MAJOR   := $(shell awk '/define[ \t]+CUDART_VERSION/ {print int($$3/1000); exit}' '$(CUDA_INC)/cuda_runtime_api.h' 2>/dev/null)

# $(call softgpu_map,SONAME,PATTERN): exports what matches PATTERN under the version SONAME.
define softgpu_map
@mkdir -p $(@D)
printf '%s {\n    global: %s\n    local: *;\n};\n' '$(1)' '$(2)' >$@
endef
# $(call softgpu_link,SONAME,MAP): calls inside the library stay inside (-Bsymbolic): only a call
# of the program's own can be interposed. A function that nobody defines fails here, not at run time.
softgpu_link = -shared -Wl,-soname,$(1) -Wl,--version-script,$(2) -Wl,-Bsymbolic -Wl,-z,defs -Wl,-z,now

include $(wildcard softgpu/*/rules.mk)
