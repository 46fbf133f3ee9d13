#!/usr/bin/env bash
# graphprof's own hooks (python/) on a stand-in for torch (stub/): steps, phases and modules by name, also of
# the thread that runs backward; roles as PyTorch says them; the user's sitecustomize; and nothing at all
# where torch is not imported. Bytes are worked out by hand. Blocks are rounded up to 512:
#   parameters   600 -> 1024, twice 1000 -> 1024 and 3000 -> 3072: 1024 + 2 * 4096 = 9216; states twice that
#   activations  five layers' 2000 -> 2048 and the loss's 4 -> 512: 10752
# The peak is in the backward of blocks.0.one, the fourth layer that makes a gradient: 1024 less than all
# gradients, 8192, and the gradients by its output and by its input, 2 * 2048 = 4096:
#   9216 + 18432 + 10752 + 8192 + 4096 = 50688
. tests/integration/lib.sh
python=${PYTHON:-python3}
"$python" -c 'import ctypes' 2>/dev/null || skip_all "python3 with ctypes is missing"
[ -e "$programs/libc10.so" ] || skip_all "the stand-in for libc10 is not built"
unset PYTHONPATH GRAPHPROF_PYTHON
export STUB_LIBRARIES=$softgpu/libcudart.so.13:$programs/libc10.so PYTHONDONTWRITEBYTECODE=1
here=$PWD/tests/python
run() { # run OUT COMMAND...: under graphprof, with the stand-in
    local out=$1
    shift
    PYTHONPATH=$here/stub "$graphprof" run --softgpu yes -o "$out" -- "$@"
}

PYTHONPATH=$here/stub LD_LIBRARY_PATH=$softgpu "$python" "$here/train.py" >"$temp/bare"
out=$temp/out
run "$out" "$python" "$here/train.py" >"$temp/recorded" 2>"$temp/said"
is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "the program says the same"
is "$(grep -c "^graphprof:" "$temp/said")" 0 "nothing goes wrong"
is "$(summary "$out" steps_complete) $(summary "$out" steps_found_by)" '6 "pattern"' "a step from each optimizer.step to the next"
is "$(awk -F, 'NR > 1 && $4 == "op" { print $2, $3, $8 }' "$out/nodes.csv")" "$(
    cat <<END
(no range) other 1
forward/stem forward 1
forward/blocks.0.one forward 1
forward/blocks.0.two forward 1
forward/blocks.0 forward 3
forward/blocks.1.one forward 1
forward/blocks.1.two forward 1
forward/blocks.1 forward 3
forward/Loss forward 1
forward/loss forward 2
backward/Loss backward 1
backward/blocks.1.two backward 1
backward/blocks.1.one backward 1
backward/blocks.0.two backward 1
backward/blocks.0.one backward 1
backward/stem backward 1
optimizer/Adam optimizer 1
END
)" "nodes are modules under their names, by phase, where they have their peak"
peak=
for role in parameter gradient opt_state activation activation_grad other; do
    peak+="$role $(summary "$out" "peak_${role}_bytes") "
done
is "$peak" "parameter 9216 gradient 8192 opt_state 18432 activation 10752 activation_grad 4096 other 0 " \
    "every byte at the peak has its role"
is "$(summary "$out" peak_bytes) $(summary "$out" peak_node)" '50688 "backward/blocks.0.one"' "and the peak is where it is"
is "$(summary "$out" parameter_tensor_bytes) $(summary "$out" gradient_tensor_bytes) $(summary "$out" opt_state_tensor_bytes)" \
    "9216 9216 18432" "parameters, gradients and states are whole"
is "$(awk -F, '$3 == "nvtx" { print $1, $2 }' "$out/tensors.csv" | grep blocks.1.two)" "$(
    printf 'blocks.1.two.weight%s\n' " parameter" ".grad gradient" ".exp_avg opt_state" ".exp_avg_sq opt_state"
)" "they bear PyTorch's names"
is "$(summary "$out" recorded_segments_peak_bytes)" 1048576 "the segment is reserve"
# After a step parameters, gradients and states live, 36864 in all; the segment is 1048576.
books=
for part in parameter gradient opt_state pool_slack residual; do
    books+="$part $(summary "$out" "books_${part}_bytes") "
done
is "$books" "parameter 9216 gradient 9216 opt_state 18432 pool_slack 1011712 residual 0 " \
    "what no block has of it is pool slack"
is "$(summary "$out" unknown_frees) $(summary "$out" bad_marks) $(summary "$out" unmatched_ranges) $(summary "$out" balance_violations)" \
    "0 0 0 0" "the books balance"

# A module that raises leaves its ranges behind; the next call closes them.
out=$temp/raises
run "$out" "$python" "$here/train.py" raise >/dev/null 2>"$temp/said"
is "$(summary "$out" steps_complete) $(summary "$out" peak_bytes) $(summary "$out" unmatched_ranges)" "6 50688 0" \
    "a module that raises disturbs nothing"

# Without optimizer.step: eight backward passes go by, then each of the other four forwards begins a step,
# the last of which does not end.
out=$temp/own
run "$out" "$python" "$here/train.py" own >/dev/null 2>&1
is "$(summary "$out" steps_total) $(summary "$out" steps_complete)" "5 4" "without an optimizer of PyTorch's forward begins steps"

# By hand, at the peak in the loss, of no module: parameters and states, five layers' outputs, 20000 -> 20480 that
# the loss takes for itself, and its 4 -> 512: 9216 + 18432 + 5 * 2048 + 20480 + 512 = 58880.
out=$temp/functional
run "$out" "$python" "$here/train.py" functional >"$temp/recorded" 2>/dev/null
is "$(summary "$out" peak_bytes) $(summary "$out" peak_node) $(summary "$out" peak_activation_bytes) $(
    summary "$out" peak_workspace_bytes)" '58880 "forward/loss" 10752 20480' "what comes between the modules and backward is the loss, and all of it has a role"
out=$temp/whole
run "$out" "$python" "$here/train.py" functional whole >"$temp/recorded" 2>/dev/null
is "$(summary "$out" steps_total) $(summary "$out" steps_complete) $(summary "$out" parameter_tensor_bytes) $(summary "$out" peak_bytes)" \
    "6 5 9216 58880" "where no module is seen to run, steps go from optimizer.step to optimizer.step"

# In a step that is not recorded in detail modules are not followed. Each of two blocks goes to its two layers and back,
# 4 changes a block.
nexts() { GRAPHPROF_STEPS=$1 run "$temp/nexts" "$python" "$here/count_nexts.py" 2>&1 >/dev/null | grep -E '^[0-9 ]+$|^none$'; }
is "$(nexts all)" "8 8 8 8 8 8" "modules are followed in each step that is recorded in detail"
is "$(nexts 1,4)" "8 8" "and in no other"
is "$(summary "$temp/nexts" steps_complete) $(summary "$temp/nexts" unmatched_ranges) $(cell "$temp/nexts" backward/stem steps)" \
    "6 0 2" "all of which are steps"

# Faults of ours and of others.
out=$temp/fault
STUB_FAULT=hook run "$out" "$python" "$here/train.py" >"$temp/recorded" 2>"$temp/said"
is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "where a hook cannot be set the program runs on"
is "$(grep "^graphprof:" "$temp/said")" "graphprof: torch's modules are named no longer: RuntimeError('no hook today')" \
    "and one line says so"
out=$temp/pointer
STUB_FAULT=pointer run "$out" "$python" "$here/train.py" >"$temp/recorded" 2>"$temp/said"
is "$(cat "$temp/recorded") $(grep -c "^graphprof:" "$temp/said")" "$(cat "$temp/bare") 0" "a tensor that has no address is passed over"
is "$(summary "$out" peak_role_by_nvtx_bytes) $(summary "$out" peak_bytes)" "0 50688" "and its role is found otherwise"
out=$temp/capturing
STUB_CAPTURING=yes run "$out" "$python" "$here/train.py" >/dev/null 2>&1
is "$(events "$out" | grep -c 'push step')" 1 "no step ends while a stream is captured"
is "$(STUB_FAULT=import run "$out" "$python" -c 'import torch' 2>&1 | grep -c "^RuntimeError: torch cannot be imported")" 1 \
    "where torch cannot be imported the program is told, as without us"

# When nothing is to be done: torch.compile traces the program (dynamo), torch.export runs it (export).
for setting in GRAPHPROF_PYTHON=no STUB_CUDA= STUB_COMPILING=dynamo STUB_COMPILING=export; do
    out=$temp/$setting
    env "$setting" PYTHONPATH="$here/stub" "$graphprof" run --softgpu yes -o "$out" -- "$python" "$here/train.py" \
        >"$temp/recorded" 2>/dev/null || true
    is "$(cat "$temp/recorded")" "$(cat "$temp/bare")" "$setting: the program says the same"
    is "$(events "$out" | grep -cE '^[0-9]+ (push|start|mark) ')" 0 "$setting: and no range is set"
done
is "$("$graphprof" run --softgpu yes -o "$temp/none" -- "$python" "$here/show_startup.py" 2>/dev/null)" \
    "$("$python" "$here/show_startup.py")" "a program without torch finds nothing of ours"

# The user's own sitecustomize, which ours hides.
mkdir "$temp/user"
echo 'print("sitecustomize of the user:", __name__, __file__)' >"$temp/user/sitecustomize.py"
show='import sys; print(sys.modules["sitecustomize"].__file__)'
is "$(PYTHONPATH=$temp/user "$graphprof" run --softgpu yes -o "$temp/none" -- "$python" -c "$show" 2>/dev/null)" \
    "$(PYTHONPATH=$temp/user "$python" -c "$show")" "the user's sitecustomize runs, once and as the only one"
echo 'raise ValueError("of the user")' >"$temp/user/sitecustomize.py"
PYTHONPATH=$temp/user "$python" -c 'print(1)' >"$temp/bare" 2>&1
is "$(PYTHONPATH=$temp/user "$graphprof" run --softgpu yes -o "$temp/none" -- "$python" -c 'print(1)' 2>&1 | grep -v '^graphprof run')" \
    "$(cat "$temp/bare")" "and where it fails Python says what it says without us"
done_testing
