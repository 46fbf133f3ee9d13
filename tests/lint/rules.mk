# Rules of our own that a search can hold.
.PHONY: lint-recorder
lint-recorder:
	tests/lint/recorder.sh
LINT  += lint-recorder
CHECK += lint-recorder
