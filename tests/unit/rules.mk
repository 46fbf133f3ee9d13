# Unit tests of the analysis: cmocka, with the library's sources under the sanitizers.
UT          := $(BUILD)/tests/unit
UT_SANITIZE := -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
UT_CFLAGS    = $(CFLAGS) -Ianalysis -Itests/unit $(UT_SANITIZE)
UT_TESTS    := $(patsubst tests/unit/%.c,%,$(wildcard tests/unit/*_test.c))
UT_LIB_OBJ   = $(patsubst analysis/%.c,$(UT)/analysis/%.o,$(ANALYSIS_SRC))

$(UT)/analysis/%.o: analysis/%.c
	@mkdir -p $(@D)
	$(CC) $(UT_CFLAGS) -c -o $@ $<
$(UT)/%.o: tests/unit/%.c
	@mkdir -p $(@D)
	$(CC) $(UT_CFLAGS) -c -o $@ $<
$(UT)/libanalysis.a: $(UT_LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(UT_TESTS:%=$(UT)/%) $(UT)/write_training: $(UT)/%: $(UT)/%.o $(UT)/capture_builder.o $(UT)/analysed.o $(UT)/small_training.o $(UT)/libanalysis.a
	$(CC) $(UT_SANITIZE) -o $@ $^ -lcmocka $(ANALYSIS_LIBS)

.PHONY: check-unit
ifeq ($(HAVE_CMOCKA),yes)
check-unit: $(UT_TESTS:%=$(UT)/%) $(UT)/write_training $(BUILD)/graphprof
	@set -e; for t in $(UT_TESTS); do $(UT)/$$t; done
	BUILD=$(BUILD) prove tests/unit/report.t
else
check-unit:
	@echo "check-unit: skipped: cmocka is missing (libcmocka-dev)"
endif
CHECK += check-unit
-include $(wildcard $(UT)/*.d $(UT)/analysis/*.d $(UT)/analysis/*/*.d)
