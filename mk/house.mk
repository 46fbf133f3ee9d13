# Housekeeping: the toolkit's pieces, apt packages, cleaning, help.
.PHONY: toolkit
toolkit:
	@mk/require-toolkit.sh '$(CUDA_HOME)' '$(CUDA_INC)' '$(CUDA_LIB)' '$(CUDNN_INC)' '$(CUDNN_LIB)' '$(CUPTI_INC)'

deps:                             ## install the apt packages that are missing (root or sudo), or say which
	@mk/install-deps.sh

clean:                            ## remove what was built; reports stay
	rm -rf $(BUILD)

help:                             ## this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
