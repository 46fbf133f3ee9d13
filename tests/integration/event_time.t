#!/usr/bin/env bash
# GPU time by CUDA events, where there is no CUPTI or another tool has it. softgpu's events have the
# host's clock; what is tried here is where they are recorded, and the way from there into nodes.csv.
. tests/integration/lib.sh
for needed in "$softgpu/libcublas.so.13" "$softgpu/libcupti.so.13"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done

program=$programs/event_time
near() { awk -v x="$1" -v y="$2" 'BEGIN { exit !(x > 0 && x - y <= 1e-5 * x && y - x <= 1e-5 * x) }'; }
by_events() { # by_events OUT COMMAND...
    GRAPHPROF_TIME_SOURCE=${source:-cupti,event} recorded "$@"
}
bare "$program" 3 >"$temp/bare"

# Three steps, of which the second is timed: the nodes' times are that step's.
out=$temp/absent
by_events "$out" "$program" 3 >"$temp/recorded" 2>"$temp/said"
ok "the program's output is the same" cmp "$temp/bare" "$temp/recorded"
is "$(sed 's/\(.*CUPTI:\).*/\1 .../' "$temp/said")" "graphprof: GPU time by CUDA events, which is coarser: CUPTI: ..." \
    "one line says that there is no CUPTI"
ok "a report can be made" report "$out" "$out"
is "$(sources "$out") $(summary "$out" gpu_time_source)" 'event "event"' "times are by events, and the summary says so"
ok "the printed one does as well" grep -q "^GPU busy: .*, by CUDA events" "$temp/report.out"
ok "its tables are of the right form" "$graphprof" check_csv "$out"
for name in "(no range)" fill gemm both gone graph; do
    ok "$name has time" above_zero "$(node "$out" "$name" median_run_time_ms)"
done
for name in capture host; do
    is "$(node "$out" "$name" median_run_time_ms)" 0.000000 "$name gives the GPU nothing to do and has none"
done
is "$(summary "$out" gpu_records) $(summary "$out" gpu_records_unmatched) $(summary "$out" gpu_records_lost)" "7 0 0" \
    "a span a stream and node"
is "$(summary "$out" gpu_steps_timed) $(summary "$out" gpu_steps_used) $(summary "$out" gpu_steps_incomplete)" "1 1 0" \
    "one step is timed, and whole"
is "$(summary "$out" steps_used_for_time)" 1 "the step's time comes from the others"
# One thread, and softgpu works in the call: nodes are one after another.
ok "the nodes' times add up to the step's" near "$(summary "$out" gpu_nodes_sum_ms)" "$(summary "$out" gpu_busy_ms)"
"$graphprof" report --kernels "$out" -o "$out" >"$temp/kernels"
is "$(awk -F '\t' '$1 == "both" { print $2, $3 }' "$temp/kernels")" "(own) 1
(events) 2" "two streams of a node are two spans"

out=$temp/held
SOFTGPU_CUPTI=held by_events "$out" "$program" 3 >"$temp/recorded" 2>"$temp/said"
ok "the output is the same where another tool has CUPTI" cmp "$temp/bare" "$temp/recorded"
is "$(cat "$temp/said")" "graphprof: GPU time by CUDA events, which is coarser: CUPTI: it is held by CUPTI for another tool" \
    "one line says who has it"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" cupti)" 'event "it is held by CUPTI for another tool"' "times are by events"

out=$temp/alone
SOFTGPU_CUPTI=yes source=event by_events "$out" "$program" 3 >"$temp/recorded" 2>"$temp/said"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" cupti)$(cat "$temp/said")" 'event "-"' "CUPTI can be let alone, without a word"

out=$temp/cupti
SOFTGPU_CUPTI=yes by_events "$out" "$program" 3 >"$temp/recorded"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" gpu_time_source)" 'cupti "cupti"' "where CUPTI is there, it is used"

# Each step timed, the first included: events are made before it.
out=$temp/all
GRAPHPROF_TIME_STEPS=all by_events "$out" "$program" 5 >"$temp/recorded" 2>/dev/null
report "$out" "$out"
is "$(summary "$out" gpu_steps_timed) $(summary "$out" gpu_records) $(summary "$out" gpu_records_lost)" "5 35 0" "all steps can be timed"

# Where calls end steps and are the nodes, each of the nine in two_layers' steps has a span; of six
# steps the second, fourth and sixth are timed, and the last has no work.
out=$temp/calls
GRAPHPROF_STEP_EVERY=cudaDeviceSynchronize source=event by_events "$out" "$programs/two_layers" 6
report "$out" "$out"
is "$(sources "$out") $(summary "$out" gpu_records) $(summary "$out" gpu_records_lost)" "event 18 0" "calls are timed one by one"

out=$temp/none
is "$(GRAPHPROF_TIME_STEPS=none by_events "$out" "$program" 3 2>&1 >/dev/null)" "" "none can be, and nothing is said"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" gpu_time_source)" 'host "none"' "then times are the host's"

out=$temp/default
source=auto by_events "$out" "$program" 3 >/dev/null
report "$out" "$out"
is "$(sources "$out")" host "softgpu has events only if they are asked for"

out=$temp/bad
is "$(source=nvml by_events "$out" "$program" 3 2>&1 >/dev/null)" \
    "graphprof: GRAPHPROF_TIME_SOURCE=nvml: expected auto, cupti, event or cupti,event; using 'auto'" \
    "a value that cannot be used is said"

# A whole training, on the default stream and cuDNN's and cuBLAS' own.
train=("$build/resnet152" --batch-size 2 --image-size 32 --steps 2 --warmup 0)
if [ -x "${train[0]}" ] && [ -e "$softgpu/libcudnn.so.9" ]; then
    out=$temp/train
    losses() { sed 's/ ms .*//'; }
    bare "${train[@]}" | losses >"$temp/bare"
    source=event by_events "$out" "${train[@]}" | losses >"$temp/recorded"
    ok "a training's losses are the same" cmp "$temp/bare" "$temp/recorded"
    report "$out" "$out"
    is "$(sources "$out")" event "its times are by events"
    is "$(summary "$out" gpu_records_unmatched) $(summary "$out" gpu_records_lost) $(summary "$out" gpu_launches_without_record)" \
        "0 0 0" "nothing is unmatched or lost"
    ok "a convolution has time" above_zero "$(node "$out" forward/layer3.22.conv2 median_run_time_ms)"
    # One float tells the place of a span in a step, to 1e-7 of the step: they may seem to overlap.
    ok "the nodes' times add up to the step's" near "$(summary "$out" gpu_nodes_sum_ms)" "$(summary "$out" gpu_busy_ms)"
else
    skip "a whole training" "resnet152 or softgpu's libcudnn is not built"
fi
done_testing
