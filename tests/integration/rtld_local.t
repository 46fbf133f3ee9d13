#!/usr/bin/env bash
# libcudart in the process, but RTLD_LOCAL: the recorder must find the real functions all the same.
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/rtld_local" "$programs/rtld_local_plugin.so")" \
    "plugin_work: 0" "the plug-in's calls succeed"
events "$out" >"$temp/events"
is "$(grep -oE '(alloc cuda[A-Za-z]* [0-9]+|free cuda[A-Za-z]*)' "$temp/events")" "$(
    echo "alloc cudaMalloc 12345"
    echo "alloc cudaMallocAsync 777"
    echo "free cudaFreeAsync"
    echo "free cudaFree"
)" "and are recorded"
done_testing
