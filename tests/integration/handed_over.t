#!/usr/bin/env bash
# Ranges that start on one thread and end on another, steps among them, and frees of what another
# thread made. Such a range is the starting thread's: what that thread does belongs to it until it is
# ended, wherever that is; what other threads do meanwhile belongs to their own ranges.
#
# By hand, live bytes through a step (first and second thread):
#   first   step, produce start; 1000   1000   in produce
#   second  200                         1200   in no range of its own
#   second  consume begins; 30          1230   in consume; produce is still open
#   second  frees the 1000               230   in consume; ends produce, then consume
#   first   500                          730   produce is over: in no range
#   second  clear: frees 200, 30, 500      0   ends clear, then the step
# So produce begins with 0, ends with 230 and has seen 1230; it made 1000 and did not free them. consume
# begins with 1200 and ends with 230, its own 30 left. (no range) made what lies at 1200 and at 730.
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/handed_over")" "0 failures" "the program ends well"
events "$out" >"$temp/events"
is "$(awk '$2 == "start" { from[NR] = $1; n++ } $2 == "end" { m++; if ($1 != first) other++ }
           $2 == "start" && n == 1 { first = $1 } END { print n, m, other }' "$temp/events")" \
    "8 8 8" "the first thread starts eight ranges, the other ends them"
ok "a report can be made" report "$out" "$out"
columns="median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes
         median_memory_size_bytes"
# shellcheck disable=SC2086 # words
is "$(for node in produce consume clear; do cell "$out" $node $columns; done)" \
    "$(printf '%s\n' "0 1230 230 1000" "1200 1230 230 30" "730 730 0 0")" \
    "bytes of the nodes are exact"
is "$(cell "$out" "(no range)" median_active_mem_bytes median_peak_mem_bytes \
    median_active_mem_after_bytes)" "0 1200 0" "and of what is in none"
producers() { awk -F, 'NR > 1 { print $4, $7 }' "$out/tensors.csv" | sort -n; }
is "$(producers)" "$(printf '%s\n' "30 consume" "200 (no range)" "500 (no range)" "1000 produce")" \
    "each block is of the node of the thread that made it"
is "$(summary "$out" steps_complete) $(summary "$out" steps_used) $(summary "$out" peak_bytes)" \
    "4 3 1230" "steps are found, and their peak"
is "$(summary "$out" peak_node)" '"consume"' "which is where the second thread reached it"
for what in recorded_end_bytes unknown_frees missed_frees unmatched_ranges balance_violations; do
    is "$(summary "$out" $what)" 0 "$what is 0"
done
done_testing
