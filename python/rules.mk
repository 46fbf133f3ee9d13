# What `graphprof run` puts in front of PYTHONPATH: beside the command, as the recorder is.
PYTHON_FILES := $(patsubst python/%,$(BUILD)/python/%,$(wildcard python/*.py python/*/*.py))

$(BUILD)/python/%.py: python/%.py
	@mkdir -p $(@D)
	cp $< $@

ALL += $(PYTHON_FILES)
