#!/usr/bin/env bash
# GPU time by CUDA events in ranges that graphprof's own hooks make, as of PyTorch: each range of the step has a
# span of its own, also that of a thread which only waits when another ends it. Of two steps the second is
# timed, and has three spans.
. tests/integration/lib.sh
out=$temp/out
is "$(GRAPHPROF_TIME_SOURCE=event recorded "$out" "$programs/event_threads")" "0 failures" "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(summary "$out" gpu_records) $(summary "$out" gpu_records_lost) $(summary "$out" gpu_steps_incomplete)" "3 0 0" \
    "each range has a span, and none is lost"
for name in forward backward/layer optimizer; do
    is "$(cell "$out" $name time_source)" event "$name is timed by events"
    ok "$name has time" above_zero "$(cell "$out" $name median_run_time_ms)"
done
is "$(summary "$out" unmatched_ranges) $(summary "$out" steps_complete)" "0 2" "ranges end as they began"
done_testing
