# graphprof's own hooks for PyTorch, on a stand-in for it, and on a real one where Debian's is installed.
.PHONY: check-python
ifneq ($(shell command -v prove 2>/dev/null),)
check-python: $(ALL) $(IT)/libc10.so $(IT)/dump_capture
	BUILD=$(BUILD) prove tests/python/*.t
else
check-python:
	@echo "check-python: skipped: prove is missing (perl)"
endif
CHECK += check-python
