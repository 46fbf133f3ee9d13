# Long captures, written by a test tool, and the reading of them.
LONG_CAPTURE := $(BUILD)/tests/scale/write_long_capture

$(LONG_CAPTURE): tests/scale/write_long_capture.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

SHORTEN_CAPTURE := $(BUILD)/tests/scale/shorten_capture
$(SHORTEN_CAPTURE): tests/scale/shorten_capture.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) -o $@ $<

LONG_RUN := $(BUILD)/tests/scale/long_run
$(LONG_RUN): tests/scale/long_run.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(VENDOR_INC) -o $@ $< -L$(CUDA_LIB) -lcudart

.PHONY: check-scale
check-scale: $(LONG_CAPTURE) $(BUILD)/graphprof
	BUILD=$(BUILD) prove tests/scale/long_capture.t
CHECK += check-scale
-include $(LONG_CAPTURE).d $(SHORTEN_CAPTURE).d $(LONG_RUN).d
