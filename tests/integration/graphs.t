#!/usr/bin/env bash
# Steps that replay a CUDA graph are steps: their nodes are the ranges in which the graph was captured.
#
# What graphs.c does, in bytes: 4096 are live throughout. In each launch forward/a has 1048576 given out,
# 262144 beside them for a while, and leaves the first; backward/b frees them (inside).
#   forward/a   4096 before, 4096 + 1048576 + 262144 = 1314816 at its peak, 1052672 after
#   backward/b  1052672 before and at its peak, 4096 after
# Each has one fill. Five steps, of which the first does not count and the second and fourth are timed.
. tests/integration/lib.sh
[ -e "$softgpu/libcupti.so.13" ] || skip_all "softgpu's libcupti is not built"

values() { # values FOLDER NAME COLUMN..., of an op
    local folder=$1 name=$2
    shift 2
    awk -F, -v name="$name" -v columns="$*" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["name"] == name && $at["node_type"] == "op" {
            n = split(columns, column, " ")
            for (i = 1; i <= n; i++) printf "%s%s", $at[column[i]], i < n ? " " : "\n" }' "$folder/nodes.csv"
}
bytes="median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes"
faults() { # faults FOLDER: books that do not close, frees and ranges that do not fit
    echo "$(summary "$1" balance_violations) $(summary "$1" unknown_frees) $(summary "$1" missed_frees)" \
        "$(summary "$1" unmatched_ranges) $(summary "$1" capture_records_skipped)"
}
# shellcheck disable=SC2086 # the columns are words
memory_of() { values "$1" "$2" $bytes; }
# node and kernel of a report's --kernels, and calls per step, without phases and the step's own
fills() { "$graphprof" report --kernels "$1" -o "$1" | awk -F '\t' '$2 ~ /^mem/ { print $1, $2, $3 }'; }

out=$temp/inside
is "$(SOFTGPU_CUPTI=yes status_of recorded "$out" "$programs/graphs" inside 2>&1)" 0 "the program ends well, and nothing is said"
ok "a report can be made" report "$out" "$out"
is "$(memory_of "$out" forward/a)" "4096 1314816 1052672" "the graph's memory is live from its node on"
is "$(memory_of "$out" backward/b)" "1052672 1052672 4096" "until the node that frees it"
is "$(memory_of "$out" "(no range)")" "4096 4096 4096" "and between launches there is none"
is "$(awk -F, '$4 == "op" { print $2 }' "$out/nodes.csv" | tr '\n' ' ')" "(no range) forward/a backward/b " "the captured ranges are the step's nodes"
is "$(values "$out" forward/a steps calls_per_step op time_source)" "4 1 cudaMemsetAsync cupti" "a replayed step is a step"
is "$(summary "$out" peak_bytes) $(summary "$out" peak_node)" '1314816 "forward/a"' "its peak is in the captured range"
is "$(summary "$out" recorded_peak_bytes) $(summary "$out" recorded_end_bytes)" "1314816 4096" "as is the whole run's"
is "$(summary "$out" steps_total) $(summary "$out" gpu_steps_used)" "5 2" "the timed steps are whole"
is "$(fills "$out")" "forward/a memset 1
backward/b memset 1" "each fill's time is in the range in which it was captured"
is "$(summary "$out" gpu_records) $(summary "$out" gpu_records_unmatched)" "4 0" "two fills in two timed steps"
is "$(summary "$out" gpu_records_ms)" "$(summary "$out" gpu_records_in_nodes_ms)" "all are in nodes"
is "$(faults "$out")" "0 0 0 0 0" "the books close"
is "$(events "$out" | count ' alloc ')" 1 "what is captured is not given out"

out=$temp/outside
is "$(SOFTGPU_CUPTI=yes status_of recorded "$out" "$programs/graphs" outside 2>&1)" 0 "memory may outlive its launch"
report "$out" "$out"
is "$(memory_of "$out" backward/b)" "1052672 1052672 1052672" "then the graph leaves it"
is "$(memory_of "$out" use)" "1052672 1052672 4096" "and the program's own free ends it"
is "$(faults "$out")" "0 0 0 0 0" "the books close"

# The launch frees what the one before has left: never more than one is live.
out=$temp/relaunch
is "$(SOFTGPU_CUPTI=yes status_of recorded "$out" "$programs/graphs" relaunch 2>&1)" 0 "a launch may free what is left"
report "$out" "$out"
is "$(memory_of "$out" forward/a)" "4096 1314816 1052672" "before anything else"
is "$(summary "$out" recorded_peak_bytes) $(summary "$out" recorded_end_bytes)" "1314816 1052672" "so that the last one's is live at the end"
is "$(faults "$out")" "0 0 0 0 0" "the books close"

# Captured inside the first step, which is timed as the others are: nothing runs in it.
out=$temp/in_step
is "$(SOFTGPU_CUPTI=yes GRAPHPROF_TIME_STEPS=all status_of recorded "$out" "$programs/graphs" inside in-step 2>&1)" 0 \
    "a graph can be captured in a step"
report "$out" "$out"
is "$(summary "$out" gpu_steps_timed) $(summary "$out" gpu_steps_incomplete) $(summary "$out" gpu_launches_without_record)" \
    "5 0 0" "of what is captured no record is missed"
is "$(summary "$out" gpu_records)" 8 "only launches run: two fills in each of four steps"
is "$(memory_of "$out" forward/a) $(values "$out" forward/a steps)" "4096 1314816 1052672 4" "the others are the same"
is "$(faults "$out")" "0 0 0 0 0" "the books close"

# Without CUPTI memory is the same, and all time is the launch's own.
out=$temp/host
GRAPHPROF_TIME_STEPS=none recorded "$out" "$programs/graphs" inside
report "$out" "$out"
is "$(memory_of "$out" forward/a)" "4096 1314816 1052672" "memory needs no CUPTI"
is "$(values "$out" forward/a time_source median_run_time_ms)" "host 0.000000" "the host does nothing in a captured range"
is "$(faults "$out")" "0 0 0 0 0" "the books close"
done_testing
