#!/usr/bin/env bash
# 64 threads side by side in one step: each node's bytes are its own thread's, and they add up.
#
# By hand. Thread i keeps 1000 + i bytes: together 64 * 1000 + (0 + ... + 63) = 64000 + 2016 = 66016.
# It has 64 * (i + 1) bytes of scratch: together 64 * (1 + ... + 64) = 64 * 2080 = 133120. All of it
# is live at one moment, at which all 64 ranges are open, and never is there more (the blocks of the
# rounds before are smaller than either): the peak of every worker is 66016 + 133120 = 199136. What
# a worker leaves is what it keeps. The main thread's `collect` begins with 66016 and leaves 0.
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/worker_threads")" "0 failures" "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(for i in $(seq -w 0 63); do
    cell "$out" "worker.$i" median_memory_size_bytes median_peak_mem_bytes calls_per_step steps
done)" "$(for i in $(seq 0 63); do echo "$((1000 + i)) 199136 1 3"; done)" \
    "each worker's size is its own, its peak that of all"
is "$(cell "$out" collect median_active_mem_bytes median_peak_mem_bytes \
    median_active_mem_after_bytes median_memory_size_bytes)" "66016 66016 0 0" \
    "what other threads made is freed by the main thread"
is "$(summary "$out" peak_bytes)" 199136 "the step's peak is their sum"
is "$(awk -F, 'NR > 1 && $7 ~ /^worker/ { sum += $4; n++ } END { print sum, n }' "$out/tensors.csv")" \
    "$((66016 + 133120 + 64 * 210)) $((64 * 22))" \
    "every block is a tensor of the thread's node that made it"
for what in recorded_end_bytes unknown_frees missed_frees unmatched_ranges balance_violations \
    events_lost; do
    is "$(summary "$out" $what)" 0 "$what is 0"
done
done_testing
