# The command `graphprof`: main.c over a small library, which the unit tests link as well. The data
# flows capture/ -> replay/ -> roles/ -> tables/; the commands are the files beside this one.
comma := ,
ANALYSIS_SRC    := $(filter-out analysis/main.c,$(wildcard analysis/*.c analysis/*/*.c))
ANALYSIS_OBJ    := $(ANALYSIS_SRC:%.c=$(BUILD)/%.o)
ANALYSIS_LIB    := $(BUILD)/libgraphprof_analysis.a
ANALYSIS_CFLAGS  = $(CFLAGS) -Ianalysis

$(BUILD)/analysis/%.o: analysis/%.c
	@mkdir -p $(@D)
	$(CC) $(ANALYSIS_CFLAGS) -c -o $@ $<
$(ANALYSIS_LIB): $(ANALYSIS_OBJ)
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/graphprof: $(BUILD)/analysis/main.o $(ANALYSIS_LIB)
	$(CC) $(LDFLAGS) $(if $(wildcard analysis/cmd_batch_memory_analysis.c),,-Wl$(comma)--unresolved-symbols=ignore-all) -o $@ $^ -lm

ALL += $(BUILD)/graphprof
-include $(ANALYSIS_OBJ:.o=.d) $(BUILD)/analysis/main.d
