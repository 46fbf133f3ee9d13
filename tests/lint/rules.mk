# Rules of our own that a search can hold.
.PHONY: lint-recorder lint-formats
lint-recorder:
	tests/lint/recorder.sh
lint-formats:
	tests/lint/formats.sh
LINT  += lint-recorder lint-formats
CHECK += lint-recorder lint-formats
