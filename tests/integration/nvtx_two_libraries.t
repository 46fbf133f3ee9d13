#!/usr/bin/env bash
# NVTX is inline in every library: all copies must arrive, once each, on one stack a thread.
. tests/integration/lib.sh
out=$temp/out
is "$(status_of recorded "$out" "$programs/nvtx_two_libraries")" 0 "the program ends well"
expected=$(
    for _ in 1 2 3; do
        printf '%s\n' "push step" "push forward" "push layer1" "push conv" "mark between" pop \
            "push relu" pop pop pop pop
    done
)
is "$(events "$out" | grep -oE '(push .*|pop|mark .*)$')" "$expected" \
    "the ranges of both libraries and the program interleave as they were made"
ok "a report can be made" report "$out" "$out"
is "$(cut -d, -f2 "$out/nodes.csv" | grep -E 'layer1' | sort)" "$(
    printf '%s\n' forward/layer1/conv forward/layer1/relu
)" "and its nodes are named by their paths"
done_testing
