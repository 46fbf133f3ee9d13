#!/usr/bin/env bash
# A forked child records nothing and leaves its parent's capture alone; an executed one has its own.
. tests/integration/lib.sh
is "$(recorded "$temp/%p" "$programs/forking")" "0 failures" "parent and children end well"
parent='' executed=''
for folder in "$temp"/*/; do
    events "${folder%/}" >"$temp/events"
    if grep -q 'alloc cudaMalloc 111 ' "$temp/events"; then
        parent=$(grep -oE 'alloc cudaMalloc [0-9]+' "$temp/events" | tr '\n' ' ')
        parent_header=$(head -1 "$temp/events")
    else
        executed=$(grep -oE 'alloc cudaMalloc [0-9]+' "$temp/events" | tr '\n' ' ')
    fi
done
is "$(find "$temp" -mindepth 1 -maxdepth 1 -type d | wc -l)" 2 "two processes recorded"
is "$parent" "alloc cudaMalloc 111 alloc cudaMalloc 555 " "the parent what it did itself, to its end"
is "${parent_header:-}" "header closed whole lost=0" "in good order"
is "$executed" "alloc cudaMalloc 333 " "the executed program its own"

mkdir "$temp/same"
is "$(recorded "$temp/same/out" "$programs/forking")" "0 failures" "into one folder"
is "$(for f in "$temp"/same/out/*.gpcap; do "$programs/dump_capture" "$f"; done |
    grep -oE 'alloc cudaMalloc [0-9]+' | sort | tr '\n' ' ')" \
    "alloc cudaMalloc 111 alloc cudaMalloc 333 alloc cudaMalloc 555 " \
    "two live processes do not write over one another"

said=$(LD_LIBRARY_PATH=$softgpu LD_PRELOAD=$recorder GRAPHPROF_OUT=$temp/reports/%p "$programs/forking" \
    2>"$temp/stderr")
is "$said" "0 failures" "with reports at exit"
is "$(find "$temp/reports" -name nodes.csv | wc -l)" 2 "a report each"
done_testing
