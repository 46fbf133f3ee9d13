#!/usr/bin/env bash
# ResNet-152 whose ranges do not arrive, as NVTX is pointed at a tool that is not there, against the
# same training with them: bytes are the same, only the nodes' names differ. Parameters are known:
# 60,192,808 of 4 bytes.
# shellcheck disable=SC2016 # awk programs
. tests/integration/lib.sh
export GOMP_SPINCOUNT=1000 # as graphprof run sets it: waiting threads leave the cores to others
train=("$build/resnet152" --batch-size 2 --image-size 32 --steps 3 --warmup 1 --optimizer adam)
[ -e "${train[0]}" ] || skip_all "build/resnet152 is not built"
members() { # members FOLDER NAME...: their values
    local folder=$1
    shift
    for member in "$@"; do summary "$folder" "$member"; done | paste -sd ' '
}
bytes=(peak_bytes parameter_tensor_bytes peak_{parameter,buffer,gradient,opt_state,activation,activation_grad,workspace,input,other}_bytes)
ops() { # ops FOLDER: name and gtype of each
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "op" { print $at["name"], $at["gtype"] }' "$1/nodes.csv"
}

recorded "$temp/with" "${train[@]}" >"$temp/with.out"
NVTX_INJECTION64_PATH=/nonexistent recorded "$temp/without" "${train[@]}" >"$temp/without.out" 2>"$temp/said"
ok "a report can be made with ranges" report "$temp/with" "$temp/with"
ok "and without" report "$temp/without" "$temp/without"
is "$(summary "$temp/without" steps_found_by)" '"period"' "steps are found from what repeats"

# The first of the four steps also makes what stays (momenta, plans), so it is no period: three are.
is "$(members "$temp/with" steps_total steps_complete) $(members "$temp/without" steps_total steps_complete)" \
    "4 4 3 3" "as many as repeat"
is "$(summary "$temp/without" parameter_tensor_bytes)" $((60192808 * 4)) "the parameters are whole"
is "$(members "$temp/without" "${bytes[@]}")" "$(members "$temp/with" "${bytes[@]}")" "all bytes are those with ranges"
is "$(summary "$temp/without" balance_violations)" 0 "the books balance"

# 155 convolutions, each with a forward call and one for its filter; all but the first for its data.
is "$(ops "$temp/without" | count '^cudnnBackendExecute:ConvolutionForward[.][0-9]* forward$')" 155 "each convolution is a node"
is "$(ops "$temp/without" | count '^cudnnBackendExecute:ConvolutionBackwardFilter[.][0-9]* backward$')" 155 "and its filter's gradient"
is "$(ops "$temp/without" | count '^cudnnBackendExecute:ConvolutionBackwardData[.][0-9]* backward$')" 154 "and its input's"
# Own kernels: a residual addition and its ReLU are one node, whose name says no phase; poolings' say it.
own='add_relu|max_pool_backward|average_pool_backward'
is "$(ops "$temp/without" | count '^add_relu[.][0-9]* forward$')" 50 "each residual addition with its ReLU is a node"
is "$(ops "$temp/without" | grep _pool_)" "$(printf '%s_pool_backward.1 backward\n' average max)" "and so is each pooling, backward"
is "$(awk -F, -v own="^($own)\$" '$5 ~ own { print $2, $5 }' "$temp/with/nodes.csv" | sed 's/layer[0-9.]*//' | sort | uniq -c | sed 's/^ *//')" \
    "1 backward/avgpool average_pool_backward
1 backward/maxpool max_pool_backward
50 forward/add_relu add_relu" "with ranges they bear the layers' names"
is "$(cell "$temp/with" backward/layer1.0.add_relu op gtype)" "cudnnActivationBackward backward" "backward it is the ReLU's alone"

# The last layer: one product forward, two backward, which no name says.
is "$(ops "$temp/without" | grep '^cublasSgemm_v2')" "cublasSgemm_v2.1 forward
cublasSgemm_v2.2 backward
cublasSgemm_v2.3 backward" "products have the phase of their place"
is "$(ops "$temp/without" | grep '^adam_update')" "$(printf 'adam_update.%d optimizer\n' 1 2 3 4 5)" "the optimizer's kernels are nodes"

# The optimizer launches its kernel five times a step: each fifth ends one, in the recorder. The last
# step has begun when the program ends.
NVTX_INJECTION64_PATH=/nonexistent GRAPHPROF_STEP_EVERY=adam_update:5 recorded "$temp/every" "${train[@]}" \
    >"$temp/every.out" 2>"$temp/said"
ok "a report can be made of steps by a kernel" report "$temp/every" "$temp/every"
is "$(members "$temp/every" steps_found_by step_pattern steps_total steps_complete)" '"call" "adam_update:5" 4 3' "a kernel ends steps"
is "$(members "$temp/every" "${bytes[@]}")" "$(members "$temp/with" "${bytes[@]}")" "with the same bytes"
for run in without every; do
    is "$(sed 's/ms .*//' "$temp/$run.out")" "$(sed 's/ms .*//' "$temp/with.out")" "$run: losses are the same"
done
done_testing
