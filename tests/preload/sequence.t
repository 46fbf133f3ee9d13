#!/usr/bin/env bash
# Programs whose captures are known to the last record. ON=gpu: on the real libraries, in $CUDA_LIB.
. tests/integration/lib.sh
programs_here=$build/tests/preload
own_softgpu=$programs_here/softgpu # with the kernels of launches.cu
if [ "${ON:-softgpu}" = gpu ]; then
    softgpu=$CUDA_LIB
    own_softgpu=$CUDA_LIB
fi

exactly() { # exactly OUT: the capture, without the device's name
    "$programs/dump_capture" --exact "$(capture "$1")" | sed 's/\( device [0-9]*\) .*/\1/'
}
is "$(recorded "$temp/sequence" "$programs_here/sequence")" "done" "sequence: what the program sees itself"
is "$(exactly "$temp/sequence")" "$(cat tests/preload/sequence.expected)" "sequence: what is recorded"
is "$(GRAPHPROF_STEPS=1-2 recorded "$temp/steps" "$programs_here/steps")" "done" \
    "steps: what the program sees itself"
is "$(exactly "$temp/steps")" "$(cat tests/preload/steps.expected)" \
    "steps: of steps not wanted, allocations, frees and the step itself are recorded"
softgpu=$own_softgpu
is "$(recorded "$temp/launches" "$programs_here/launches")" "done" "launches: what the program sees itself"
is "$(exactly "$temp/launches")" "$(cat tests/preload/launches.expected)" \
    "launches: names and addresses of kernels, whichever way they are launched"
done_testing
