# Tests of what a user holds: `graphprof run`, the consumers of the CSVs, the figures, stage1_validate.sh.
.PHONY: check-front
ifneq ($(shell command -v prove 2>/dev/null),)
check-front: $(ALL)
	BUILD=$(BUILD) prove --timer $(sort $(wildcard tests/front/*.t))
else
check-front:
	@echo "check-front: skipped: prove is missing (perl)"
endif
CHECK += check-front
