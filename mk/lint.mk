# make lint: every tool must be silent. Sources are what git knows, so build products stay out.
LINT_C      = $(shell git ls-files -co --exclude-standard -- '*.c' | grep -v '^third_party/')
LINT_FORMAT = $(shell git ls-files -co --exclude-standard -- '*.c' '*.h' '*.cu' | grep -v '^third_party/')
LINT_SH     = $(shell git ls-files -co --exclude-standard -- '*.sh' '*.t' .ci/run | xargs grep -lE '^\#!.*sh' 2>/dev/null)
LINT_FLAGS  = $(CSTD) -Iinclude -I. -Ianalysis -Ipreload -Isoftgpu -Itests/unit -isystem third_party $(VENDOR_INC)

.PHONY: lint-format lint-tidy lint-cppcheck lint-shell
lint-format:
	clang-format --dry-run -Werror $(LINT_FORMAT)
lint-tidy:
	mk/lint-tidy.sh '$(LINT_FLAGS)' $(LINT_C)
lint-cppcheck:
	cppcheck --quiet --error-exitcode=1 --std=c11 --inline-suppr --enable=warning,performance,portability \
	    --suppressions-list=mk/cppcheck.txt -Iinclude -D_GNU_SOURCE -D__x86_64__ $(LINT_C)
lint-shell:
	shellcheck $(LINT_SH)
LINT += lint-format lint-tidy lint-cppcheck lint-shell
