#!/usr/bin/env bash
# graphprof's own hooks on a real PyTorch, on the CPU (GRAPHPROF_PYTHON=always): results to the last bit, and
# each module under its name in forward and backward. What libc10 is told of host memory goes on to it: the
# profiler's sum is the same. PyTorch is whatever ${PYTHON:-/usr/bin/python3} has (Debian: python3-torch).
. tests/integration/lib.sh
python=${PYTHON:-/usr/bin/python3}
"$python" -c 'import torch' 2>/dev/null || skip_all "$python has no torch"
unset PYTHONPATH
export PYTHONDONTWRITEBYTECODE=1
out=$temp/out
"$python" tests/python/pytorch_train.py >"$temp/bare" 2>/dev/null
GRAPHPROF_PYTHON=always "$graphprof" run --softgpu yes -o "$out" -- "$python" tests/python/pytorch_train.py \
    >"$temp/recorded" 2>"$temp/said"
is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "losses and the profiler's sum are the same"
is "$(wc -l <"$temp/bare")" 6 "and are there"
is "$(grep -c "^graphprof:" "$temp/said")" 0 "nothing goes wrong"
is "$(summary "$out" steps_complete) $(summary "$out" unmatched_ranges)" "5 0" "a step from each optimizer.step to the next"
names="stem blocks.0 blocks.0.conv blocks.0.bn blocks.0.relu blocks.1 blocks.1.conv blocks.1.bn blocks.1.relu fc"
backward="CrossEntropyLoss fc blocks.1.relu blocks.1.bn blocks.1.conv blocks.0.relu blocks.0.bn blocks.0.conv stem"
is "$(awk -F, 'NR > 1 && $4 == "op" { print $2 }' "$out/nodes.csv" | grep -v "(no range)")" "$(
    for name in $names loss CrossEntropyLoss; do echo "forward/$name"; done
    for name in $backward; do echo "backward/$name"; done
    echo optimizer/Adam
)" "nodes are modules under their names, by phase"

# Not only plain training.
"$python" tests/python/pytorch_odd.py >"$temp/bare" 2>"$temp/bare.err"
is "$(cat "$temp/bare.err")" "" "checkpoints, two optimizers, exceptions, tracing, threads: the program runs"
GRAPHPROF_PYTHON=always "$graphprof" run --softgpu yes -o "$out" -- "$python" tests/python/pytorch_odd.py \
    >"$temp/recorded" 2>"$temp/said"
is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "and says the same"
is "$(grep -cE "^graphprof:|Warning|Error" "$temp/said")" 0 "and nothing goes wrong"
is "$(events "$out" | grep ' push ' | grep -oE '(Tanh|Sigmoid)$' | tr '\n' ' ')" "Tanh Sigmoid Tanh " \
    "a module that comes at the address of another has its own name"
is "$(summary "$out" steps_complete) $(summary "$out" unmatched_ranges)" "4 0" "a step of two optimizers is one step"
is "$(events "$out" | awk '/ push backward( |$)/ { print $1 }' | sort -u | wc -l)" 5 \
    "passes of four threads at once each have their range, beside the main thread's"
done_testing
