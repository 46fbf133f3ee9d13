#!/usr/bin/env bash
# Blocks of a caching allocator that tells libc10 of them: recorded one by one for CUDA devices, and each
# call goes on to libc10 unchanged. What is live at most, worked out by hand: a block of 512 bytes, one of
# 1024, one of 15 MiB, and 4096 that another part of the program took from cudaMalloc:
#   512 + 1024 + 15 * 1048576 + 4096 = 15734272; in segments 2 + 20 MiB = 23068672.
. tests/integration/lib.sh
out=$temp/out
bare "$programs/caching_allocator" >"$temp/bare"
recorded "$out" "$programs/caching_allocator" >"$temp/recorded"
is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "libc10 is told the same with the recorder"
is "$(cut -d' ' -f1,2 "$temp/bare")" "told 8" "of eight changes"
name=c10::reportMemoryUsageToProfiler
is "$(events "$out" | sed -n 's/^[0-9]* \(alloc\|free\) \([^ ]*\) \([0-9]* block\|\).*/\1 \2 \3/p' | grep c10)" \
    "$(printf '%s\n' "alloc $name 512 block" "alloc $name 1024 block" "alloc $name 15728640 block" \
        "free $name " "free $name " "free $name ")" "those of the CUDA device are recorded, no others"
ok "a report can be made" report "$out" "$out"
is "$(summary "$out" recorded_peak_bytes)" 15734272 "blocks are live, segments are not"
is "$(summary "$out" peak_bytes)" 15734272 "in the step as well"
is "$(summary "$out" recorded_segments_peak_bytes)" 23068672 "segments are reserve"
is "$(summary "$out" recorded_end_bytes)" 0 "all of it is freed"
is "$(summary "$out" unknown_frees) $(summary "$out" missed_frees) $(summary "$out" balance_violations)" "0 0 0" \
    "the books balance"
done_testing
