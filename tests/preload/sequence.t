#!/usr/bin/env bash
# Programs whose captures are known to the last record. ON=gpu: on the real libraries, in $CUDA_LIB.
. tests/integration/lib.sh
programs_here=$build/tests/preload
export GRAPHPROF_TIME_STEPS=none # CUPTI has a thread of its own, which would be in the captures at any place
own_softgpu=$programs_here/softgpu # with the kernels of launches.cu
if [ "${ON:-softgpu}" = gpu ]; then
    export GRAPHPROF_TIME_STEPS=none # without CUPTI: what libraries take differs from version to version
    softgpu=$CUDA_LIB
    own_softgpu=$CUDA_LIB
fi

# exactly OUT: the capture, without the device's name and without what there is only where a context
# was there before the first allocation
exactly() {
    "$programs/dump_capture" --exact "$(capture "$1")" |
        sed 's/\( device [0-9]*\) .*/\1/; /sample before first/d'
}
known() { # known NAME DESCRIPTION: the program NAME's capture is NAME.expected
    is "$(recorded "$temp/$1" "$programs_here/$1")" "done" "$1: the program sees what it should"
    is "$(exactly "$temp/$1")" "$(cat "tests/preload/$1.expected")" "$1: $2"
}
known sequence "what is recorded, in its order"
GRAPHPROF_STEPS=1-2 known steps "of other steps, the step itself, allocations and frees are recorded"
known forms "every form of NVTX's calls arrives"
known allocations "every way to allocate, with its bytes"
known allocations_per_thread "the same for per-thread default streams"
softgpu=$programs_here/graph_library:$softgpu known graph \
    "the operands of executions, as the plans' descriptors had them"
softgpu=$own_softgpu known launches "a kernel's name and addresses, however it is launched"

is "$(LD_PRELOAD=$recorder GRAPHPROF_OUT=$temp/absent "$programs_here/absent")" "done" \
    "without CUDA's libraries, each API says so itself"
ok "and nothing is recorded" test ! -e "$temp/absent"

said=$(GRAPHPROF_STEPS=5-2 GRAPHPROF_REPORT=often GRAPHPROF_VERBOSE=1 recorded "$temp/options" \
    "$programs_here/steps" 2>&1 >"$temp/stdout")
is "$(cat "$temp/stdout")" "done" "with options that cannot be used the program runs all the same"
is "$(sed -n '/GRAPHPROF_STEPS/p' <<<"$said")" \
    "graphprof: GRAPHPROF_STEPS=5-2: expected auto, all, or numbers and spans as in 2-5,10,100-; using 'auto'" \
    "one line names the option, the value, and what was expected"
is "$(count GRAPHPROF_REPORT <<<"$said")" 1 "for each of them"
is "$(exactly "$temp/options" | count ' mark in the step')" 4 "and the default is used"

is "$(NVTX_INJECTION64_PATH=/other/tool.so recorded "$temp/tool" "$programs_here/allocations" 2>&1)" \
    "graphprof: NVTX_INJECTION64_PATH is set to '/other/tool.so': NVTX ranges go there and not to graphprof
done" "another NVTX tool is left its place, and that is said"
is "$(exactly "$temp/tool")" "$(cat tests/preload/allocations.expected)" "allocations are recorded all the same"
done_testing
