#!/usr/bin/env bash
# Live bytes follow the order of the calls, whatever stream they are in and whatever thread makes
# them: a stream-ordered free counts when it is called, not when its stream reaches it.
#
# By hand: `make` brings 3000 bytes, `use` changes nothing, `end` calls the free of them in a third
# stream, so `next` begins with 0 and brings 500; the other thread begins with those and leaves 0.
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/several_streams")" "0 failures" "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(for node in make use end next other_thread; do
    cell "$out" $node median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes
done)" "$(printf '%s\n' "0 3000 3000" "3000 3000 3000" "3000 3000 0" "0 500 500" "500 500 0")" \
    "bytes before, inside and after each node"
is "$(summary "$out" peak_bytes) $(summary "$out" recorded_pool_peak_bytes)" "3000 3000" \
    "the two blocks are never live together"
is "$(awk -F, 'NR > 1 { print $4, $7, $6 }' "$out/tensors.csv" | sort -n)" \
    "$(printf '%s\n' "500 next cudaMallocAsync" "3000 make cudaMallocAsync")" "they are two tensors"
for what in recorded_end_bytes unknown_frees missed_frees balance_violations; do
    is "$(summary "$out" $what)" 0 "$what is 0"
done
done_testing
