#!/usr/bin/env bash
# GPU time of each node through CUPTI. The libcupti is softgpu's, which times its work on the CPU when
# it is asked to: what is tried here is the way from there into nodes.csv.
# shellcheck disable=SC2016 # awk programs
. tests/integration/lib.sh
[ -e "$softgpu/libcupti.so.13" ] || skip_all "softgpu's libcupti is not built"

# Four steps, of which the second and the fourth are timed: a fill in the step, one in a node, and
# one between steps.
out=$temp/fills
is "$(SOFTGPU_CUPTI=yes status_of recorded "$out" "$programs/no_range" 2>&1)" 0 "the program ends well, and nothing is said"
ok "a report can be made" report "$out" "$out"
is "$(sources "$out")" cupti "times are CUPTI's"
is "$(summary "$out" gpu_steps_timed)" 2 "every other step is timed"
is "$(summary "$out" gpu_steps_used)" 2 "and whole"
is "$(summary "$out" steps_used_for_time)" 1 "the step's time comes from the others"
is "$(summary "$out" gpu_records)" 4 "each fill in a timed step has a record"
is "$(summary "$out" gpu_records_unmatched)" 0 "none is without its node"
is "$(summary "$out" gpu_records_ms)" "$(summary "$out" gpu_records_in_nodes_ms)" "and all are in nodes"
ok "the node with the fill has time" above_zero "$(node "$out" inside median_run_time_ms)"
ok "and so has the step's own" above_zero "$(node "$out" "(no range)" median_run_time_ms)"
"$graphprof" report --kernels "$out" -o "$out" >"$temp/kernels"
is "$(cut -f 1-3 "$temp/kernels")" "$(printf '%s\t%s\t%s\n' node kernel calls_per_step \
    "(no range)" "(own)" 1 "(no range)" "(with children)" 1 "(no range)" memset 1 inside "(own)" 1 inside memset 1)" \
    "nodes are split by kernel"

out=$temp/all
SOFTGPU_CUPTI=yes GRAPHPROF_TIME_STEPS=all recorded "$out" "$programs/no_range"
report "$out" "$out"
is "$(summary "$out" gpu_steps_used)" 3 "all steps can be timed"
is "$(summary "$out" steps_used_for_time)" 3 "then they give the step's time as well"

out=$temp/none
is "$(SOFTGPU_CUPTI=yes GRAPHPROF_TIME_STEPS=none status_of recorded "$out" "$programs/no_range" 2>&1)" 0 "none can be"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" cupti)" 'host "-"' "then times are the host's, and CUPTI is let alone"

out=$temp/absent
is "$(status_of recorded "$out" "$programs/no_range" 2>&1)" 0 "softgpu has no CUPTI unless asked: nothing is said"
report "$out" "$out"
is "$(sources "$out")" host "and times are the host's"

out=$temp/held
is "$(SOFTGPU_CUPTI=held status_of recorded "$out" "$programs/no_range" 2>&1)" \
    "graphprof: no GPU time, host time instead: CUPTI: it is held by CUPTI for another tool
0" "where another tool has CUPTI, one line says so"
report "$out" "$out"
is "$(sources "$out") $(summary "$out" cupti)" 'host "it is held by CUPTI for another tool"' "and the report does"

out=$temp/bad
is "$(GRAPHPROF_TIME_STEPS=every:0 status_of recorded "$out" "$programs/no_range" 2>&1)" \
    "graphprof: GRAPHPROF_TIME_STEPS=every:0: expected auto, none, all, every:N, or numbers and spans as in 2-5,10,100-; using 'auto'
0" "a value that cannot be used is said"

# A whole training: kernels that libraries run are in the nodes that called them.
train=("$build/resnet152" --batch-size 2 --image-size 32 --steps 3 --warmup 0)
if [ -x "${train[0]}" ] && [ -e "$softgpu/libcudnn.so.9" ]; then
    out=$temp/train
    losses() { sed 's/ ms .*//'; }
    bare "${train[@]}" | losses >"$temp/bare"
    SOFTGPU_CUPTI=yes recorded "$out" "${train[@]}" | losses >"$temp/recorded"
    ok "the training's losses are the same" cmp "$temp/bare" "$temp/recorded"
    ok "its report can be made" report "$out" "$out"
    is "$(sources "$out")" cupti "its times are CUPTI's"
    is "$(summary "$out" gpu_records_unmatched) $(summary "$out" gpu_records_lost) $(summary "$out" gpu_launches_without_record)" \
        "0 0 0" "nothing is unmatched or lost"
    is "$(summary "$out" gpu_records_ms)" "$(summary "$out" gpu_records_in_nodes_ms)" "all work is in nodes"
    # One timed step: the nodes' medians are its times, and work never runs side by side here.
    is "$(summary "$out" gpu_steps_used) $(summary "$out" gpu_nodes_sum_ms)" "1 $(summary "$out" gpu_sum_ms)" \
        "the nodes' times add up to the step's work"
    "$graphprof" report --kernels "$out" -o "$out" >"$temp/kernels"
    is "$(awk -F '\t' '$1 == "forward/layer3.22.conv2" { print $2, $3 }' "$temp/kernels")" "(own) 1
convolution_forward 1" "a convolution's kernel is in its layer"
    ok "phases have their children's time" awk -F '\t' '$1 == "forward" && $2 == "(with children)" { phase = $4 }
        $1 ~ "^forward/" && $2 == "(own)" { sum += $4 } END { exit !(phase > 0 && phase - sum < 1e-3 && sum - phase < 1e-3) }' "$temp/kernels"
else
    skip "a whole training" "resnet152 or softgpu's libcudnn is not built"
fi
done_testing
