#!/usr/bin/env bash
# A program without ranges: steps are found from what repeats, or counted by a call, and each call of
# cuBLAS is a node.
#
# two_layers.c by hand. Before the steps 512 + 256 + 512 = 1280 bytes live: W1, W2 and the target. A
# step's calls, with what is allocated for each and freed behind it, in bytes:
#
#   gemm 1  x 1024, h 2048   1280 -> 4352                              forward
#   gemm 2  y 512            4352 -> 4864
#   axpy 1                   4864          y -= target, in place: y is new, so no optimizer's
#   gemm 3  dW2 256          4864 -> 5120                              backward: the optimizer reads dW2
#   gemm 4  dh 2048          5120 -> 7168, then h and y are freed: 4608
#   gemm 5  dW1 512          4608 -> 5120, then dh and x: 2048
#   axpy 2                   2048, then dW1: 1536                      optimizer: W1 was read and changes
#   axpy 3                   1536, then dW2: 1280; and the synchronisation
#
# The peak is 7168: parameters 512 + 256, input x and target 1024 + 512, activations h and y
# 2048 + 512, the gradient dW2 256 and activation_grad dh 2048.
# shellcheck disable=SC2016 # awk programs
. tests/integration/lib.sh
two=$programs/two_layers
nodes() { # nodes FOLDER: name, gtype, calls, bytes before, after and at the peak of each op
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "op" { print $at["name"], $at["gtype"], $at["calls_per_step"],
            $at["median_active_mem_bytes"], $at["median_active_mem_after_bytes"],
            $at["median_peak_mem_bytes"] }' "$1/nodes.csv"
}
tensors() { # tensors FOLDER: name, role and bytes
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        { print $at["name"], $at["node_type"], $at["bytes"] }' "$1/tensors.csv"
}
steps() { # how they were found, how many there are and how many count
    echo "$(summary "$1" steps_found_by) $(summary "$1" step_pattern)" \
        "$(summary "$1" steps_total) $(summary "$1" steps_complete) $(summary "$1" steps_used)"
}
expected_nodes="cublasSgemm_v2.1 forward 1 1280 4352 4352
cublasSgemm_v2.2 forward 1 4352 4864 4864
cublasSaxpy_v2.1 forward 1 4864 4864 4864
cublasSgemm_v2.3 backward 1 4864 5120 5120
cublasSgemm_v2.4 backward 1 5120 4608 7168
cublasSgemm_v2.5 backward 1 4608 2048 5120
cublasSaxpy_v2.2 optimizer 1 2048 1536 2048
cublasSaxpy_v2.3 optimizer 1 1536 1280 1536
(no range) other 1 1280 1280 1280"
expected_tensors="cublasSgemm_v2.1.A parameter 512
cublasSgemm_v2.2.A parameter 256
cublasSaxpy_v2.1.x input 512
cublasSgemm_v2.1.B input 1024
cublasSgemm_v2.1.C activation 2048
cublasSgemm_v2.2.C activation 512
cublasSgemm_v2.3.C gradient 256
cublasSgemm_v2.4.C activation_grad 2048
cublasSgemm_v2.5.C gradient 512"
check_tables() { # check_tables FOLDER HOW
    is "$(nodes "$1")" "$expected_nodes" "$2: each call is a node"
    is "$(tensors "$1")" "$expected_tensors" "$2: each tensor has its role"
    is "$(summary "$1" peak_bytes) $(summary "$1" peak_node)" '7168 "cublasSgemm_v2.4"' "$2: the peak"
    is "$(summary "$1" balance_violations)" 0 "$2: the books balance"
}

# What repeats: six steps, all alike; the first does not count.
out=$temp/period
is "$(status_of recorded "$out" "$two" 6)" 0 "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(steps "$out")" '"period" "-" 6 6 5' "the period is a step"
check_tables "$out" "by period"

# Behind each synchronisation: the first step begins behind the first of them, the last one is open.
ok "the report counts steps by a call" "$graphprof" report -q --step-every cudaDeviceSynchronize \
    "$out" -o "$temp/by_sync"
is "$(steps "$temp/by_sync")" '"call" "cudaDeviceSynchronize" 6 5 4' "from one to the next"
check_tables "$temp/by_sync" "by call"
ok "and by each third of another" "$graphprof" report -q --step-every cublasSaxpy:3 "$out" -o "$temp/by_axpy"
is "$(steps "$temp/by_axpy")" '"call" "cublasSaxpy:3" 6 5 4' "a name without its _v2 will do"
is "$(nodes "$temp/by_axpy" | grep -c .)" 9 "the nodes are the same"

# In the recorder: then steps are timed on the GPU as well, where CUPTI is there.
out=$temp/recorded
recorded_by=$(GRAPHPROF_STEP_EVERY=cudaDeviceSynchronize status_of recorded "$out" "$two" 6)
is "$recorded_by" 0 "the recorder counts steps by a call"
is "$("$graphprof" dump "$out/capture.gpcap" | count 'RANGE_START.*graphprof.step')" 6 "it begins a range for each"
is "$("$graphprof" dump "$out/capture.gpcap" | count RANGE_END)" 5 "and ends it behind the next call"
ok "a report can be made" report "$out" "$out"
is "$(steps "$out")" '"call" "cudaDeviceSynchronize" 6 5 4' "they are the report's steps"
check_tables "$out" "by the recorder"
out=$temp/timed
SOFTGPU_CUPTI=yes GRAPHPROF_STEP_EVERY=cudaDeviceSynchronize recorded "$out" "$two" 6
report "$out" "$out"
is "$(summary "$out" gpu_steps_used)" 2 "every other step is timed on the GPU"
is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
    $at["node_type"] == "op" { print $at["time_source"] }' "$out/nodes.csv" | sort -u)" cupti \
    "and nodes have the times"
is "$(summary "$out" gpu_records_ms)" "$(summary "$out" gpu_records_in_nodes_ms)" "all of them"
out=$temp/detail
GRAPHPROF_STEPS=1-2 GRAPHPROF_STEP_EVERY=cudaDeviceSynchronize recorded "$out" "$two" 6
report "$out" "$out"
is "$(steps "$out")" '"call" "cudaDeviceSynchronize" 6 5 2' "steps are recorded in detail as asked"
is "$(nodes "$out")" "$expected_nodes" "with the same nodes"
out=$temp/run
"$graphprof" run --softgpu yes -o "$out" --step-every cublasSaxpy:3 -- "$two" 6 2>"$temp/run.err"
is "$(steps "$out")" '"call" "cublasSaxpy:3" 6 5 4' "graphprof run sets the option"

# Batches of 32, 33...: every size is new in each step.
out=$temp/odd
recorded "$out" "$two" 6 odd
is "$(status_of "$graphprof" report "$out" -o "$out" 2>&1)" "graphprof report: $out/capture.gpcap: no complete step: \
no range matches 'step*,iter*', and neither ranges nor calls repeat; \`--step-every CALL\` names a call that ends each step
1" "where nothing repeats one line says so, and what to do"
ok "nothing is written" test ! -e "$out/nodes.csv"
ok "the remedy works" "$graphprof" report -q --step-every cudaDeviceSynchronize "$out" -o "$out"
is "$(steps "$out")" '"call" "cudaDeviceSynchronize" 6 5 4' "and finds the steps"

# Calls that are none.
expected="the name of an intercepted function or of a kernel"
is "$(status_of "$graphprof" report --step-every cudaNothing "$out" -o "$temp/bad" 2>&1)" "graphprof report: \
$out/capture.gpcap: expected $expected of this capture to count steps by, found 'cudaNothing'
2" "a name that the capture does not know is refused"
ok "and nothing is written" test ! -e "$temp/bad"
for bad in "" x:0 :2 x: x:99999999999999999999; do
    is "$(status_of "$graphprof" report --step-every "$bad" "$out" 2>&1)" "graphprof report: option '--step-every': \
expected $expected, under 256 bytes, with :N behind it for each N-th call, found '$bad'
2" "'$bad' is refused"
done
is "$(status_of "$graphprof" report --step x --step-every cudaFree "$out" 2>&1)" "graphprof report: expected one of \
'--step' and '--step-every', found both
2" "so are two ways at once"
is "$(status_of "$graphprof" run --step-every x:0 -- true 2>&1)" "graphprof run: option '--step-every': expected \
$expected, under 256 bytes, with :N behind it for each N-th call, found 'x:0'
2" "graphprof run refuses it before it runs anything"
is "$(GRAPHPROF_STEP_EVERY=x:0 status_of recorded "$temp/badly" "$two" 1 2>&1)" "graphprof: GRAPHPROF_STEP_EVERY=x:0: \
expected none, or $expected, under 256 bytes, with :N behind it for each N-th call; using 'none'
0" "the recorder says so and goes on"
out=$temp/never
GRAPHPROF_STEP_EVERY=cudaMemset recorded "$out" "$two" 6
is "$(status_of "$graphprof" report "$out" 2>&1)" "graphprof report: $out/capture.gpcap: no complete step: there are \
too few calls of 'cudaMemset' in one thread
1" "a call that is never made makes no step"
done_testing
