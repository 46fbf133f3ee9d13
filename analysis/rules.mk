# The command `graphprof`. The data flows capture/ -> replay/ -> roles/ -> account/ -> tables/; the
# commands are the files beside this one.
ANALYSIS_SRC    := $(filter-out analysis/main.c,$(wildcard analysis/*.c analysis/*/*.c))
ANALYSIS_OBJ    := $(ANALYSIS_SRC:%.c=$(BUILD)/%.o)
# Optimized across files, where the toolchain can (some lack the linker's plug-in): a report is a long
# walk through small functions of all of them.
ANALYSIS_LTO    := -O3 $(call links_with,-flto=auto)
# libsupc++: names of C++ kernels
ANALYSIS_LIBS    := $(or $(call links_with,-lsupc++),-lstdc++) -lm
ANALYSIS_CFLAGS  = $(CFLAGS) $(ANALYSIS_LTO) -Ianalysis

$(BUILD)/analysis/%.o: analysis/%.c
	@mkdir -p $(@D)
	$(CC) $(ANALYSIS_CFLAGS) -c -o $@ $<
$(BUILD)/graphprof: $(BUILD)/analysis/main.o $(ANALYSIS_OBJ)
	$(CC) $(ANALYSIS_LTO) $(LDFLAGS) -o $@ $^ $(ANALYSIS_LIBS)

ALL += $(BUILD)/graphprof
-include $(ANALYSIS_OBJ:.o=.d) $(BUILD)/analysis/main.d
