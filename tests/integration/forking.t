#!/usr/bin/env bash
# A forked child records nothing and leaves its parent's capture alone; an executed one has its own,
# by whatever call it was started.
. tests/integration/lib.sh
is "$(recorded "$temp/%p" "$programs/forking")" "0 failures" "parent and children end well"
parent='' executed=''
for folder in "$temp"/*/; do
    events "${folder%/}" >"$temp/events"
    if grep -q 'alloc cudaMalloc 111 ' "$temp/events"; then
        parent=$(grep -oE 'alloc cudaMalloc [0-9]+' "$temp/events" | tr '\n' ' ')
        parent_header=$(head -1 "$temp/events")
    else
        executed+=$(grep -oE 'alloc cudaMalloc [0-9]+' "$temp/events" | tr '\n' ' ')
    fi
done
is "$(find "$temp" -mindepth 1 -maxdepth 1 -type d | wc -l)" 4 "four processes recorded"
is "$parent" "alloc cudaMalloc 111 alloc cudaMalloc 555 " "the parent what it did itself, to its end"
is "${parent_header:-}" "header closed whole lost=0" "in good order"
is "$(printf '%s' "$executed" | tr ' ' '\n' | grep -E '^[0-9]' | sort | tr '\n' ' ')" "333 334 335 " \
    "each executed program its own"

mkdir "$temp/same"
is "$(recorded "$temp/same/out" "$programs/forking")" "0 failures" "into one folder"
is "$(for f in "$temp"/same/out/*.gpcap; do "$programs/dump_capture" "$f"; done |
    grep -oE 'alloc cudaMalloc [0-9]+' | sort | tr '\n' ' ')" \
    "alloc cudaMalloc 111 alloc cudaMalloc 333 alloc cudaMalloc 334 alloc cudaMalloc 335 alloc cudaMalloc 555 " \
    "two live processes do not write over one another"

said=$(LD_LIBRARY_PATH=$softgpu LD_PRELOAD=$recorder GRAPHPROF_OUT=$temp/reports/%p "$programs/forking" \
    2>"$temp/stderr")
is "$said" "0 failures" "with reports at exit"
is "$(find "$temp/reports" -name nodes.csv | wc -l)" 4 "a report each"
said=$(GRAPHPROF_REPORT=yes recorded "$temp/beside" "$programs/forking" 2>"$temp/stderr")
is "$said" "0 failures" "with reports at exit, into one folder"
tensors() { sed -n '2,$p' "$1" | cut -d, -f4 | sort | tr '\n' ' '; }
is "$(tensors "$temp/beside/tensors.csv")" "111 555 " "the parent's report is in it, of what it did itself"
is "$(for f in "$temp"/beside/[0-9]*/tensors.csv; do tensors "$f"; done | tr ' ' '\n' | sort | tr -d '\n')" \
    333334335 "the others' in folders that bear their numbers"
done_testing
