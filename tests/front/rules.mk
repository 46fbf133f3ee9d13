# Tests of what a user holds: `graphprof run`, the consumers of the CSVs, the figures, stage1_validate.sh.
# Where a test only reads CSVs it takes a graphprof built with the sanitizers.
FT         := $(BUILD)/tests/front
FT_READERS := tests/front/bad_csv.t tests/front/batch_memory_analysis.t

$(FT)/graphprof: $(BUILD)/tests/unit/analysis/main.o $(BUILD)/tests/unit/libanalysis.a
	@mkdir -p $(@D)
	$(CC) -fsanitize=address,undefined -o $@ $^ $(ANALYSIS_LIBS)

.PHONY: check-front
ifneq ($(shell command -v prove 2>/dev/null),)
check-front: $(ALL) $(FT)/graphprof
	GRAPHPROF=$(FT)/graphprof prove --timer --jobs 2 $(FT_READERS)
	BUILD=$(BUILD) prove --timer --jobs 2 $(filter-out $(FT_READERS),$(sort $(wildcard tests/front/*.t)))
else
check-front:
	@echo "check-front: skipped: prove is missing (perl)"
endif
CHECK += check-front
