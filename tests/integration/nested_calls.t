#!/usr/bin/env bash
# What a library calls below the program's call is the library's doing: it is not recorded as the
# program's, and what the program calls itself is.
. tests/integration/lib.sh
softgpu=$programs/nested:$softgpu
is "$(status_of recorded "$temp/out" "$programs/nested_calls")" 0 "the program ends well"
is "$(events "$temp/out" | sed -n 's/^[0-9]* call //p')" \
    "$(printf '%s\n' cudaMemset cudnnSoftmaxForward cudnnAddTensor)" "each call of its own is there once"
done_testing
