#!/usr/bin/env bash
# A capture of PyTorch's training step on an H200 (pytorch_gpt2/, made as README.md says), against what PyTorch itself
# said of that run: peak, segments, parameters, gradients and optimizer states to the byte; every byte at the peak
# has a role; nodes are modules, in order; tensors live as they do in PyTorch. What is read here is what a user of
# PyTorch gets, without a GPU.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
. tests/tap.sh
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

gunzip -c tests/golden/pytorch_gpt2/h200.gpcap.gz >"$temp/capture.gpcap"
ok 'it is read' "$build/graphprof" report --quiet -o "$temp" "$temp/capture.gpcap"
said() { sed -n "s/^$1 //p" tests/golden/pytorch_gpt2/pytorch_says.txt; }
member() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" "$temp/summary.json"; }
is "$(($(member peak_bytes) - $(member peak_library_bytes)))" "$(said peak_bytes)" 'the peak is max_memory_allocated'
is "$(member recorded_segments_peak_bytes)" "$(said reserved_bytes)" 'segments are max_memory_reserved'
for role in parameter gradient opt_state; do
    is "$(member "books_${role}_bytes")" "$(said "${role}_bytes")" "$role: PyTorch's blocks"
done
is "$(member peak_node) $(member peak_other_bytes)" '"forward/loss" 0' 'the peak is in the loss, and has roles'
is "$(member balance_violations) $(member unknown_frees) $(member missed_frees) $(member bad_marks)" '0 0 0 0' \
    'the books balance'
is "$(member gpu_time_source) $(member gpu_steps_used) $(member gpu_records_lost) $(member gpu_records_unmatched)" \
    '"cupti" 6 0 0' 'GPU time is whole'

# Of twelve blocks each has four matrices, in forward in the order of the model and in backward the other way round.
nodes() { awk -F, -v phase="$1" '$4 == "op" && $3 == phase' "$temp/nodes.csv" | cut -d , -f 2 | grep -E "/h\.(0|11)\.(attn|mlp)"; }
is "$(nodes forward)" "$(for h in 0 11; do
    for part in attn.c_attn attn.c_proj attn mlp.0 mlp.1 mlp.2; do echo "forward/h.$h.$part"; done
done)" 'forward: modules, one with work of its own where it has its peak'
is "$(nodes backward | grep -vE '[0-9]\.attn$|mlp\.1')" "$(for h in 11 0; do
    for part in mlp.2 mlp.0 attn.c_proj attn.c_attn; do echo "backward/h.$h.$part"; done
done)" 'backward: the other way round'
# The model's own work, its last product with wte, comes behind its modules; the loss behind that.
is "$(awk -F, '$4 == "op" && $3 == "forward" { print $2 }' "$temp/nodes.csv" | tail -n 2 | tr '\n' ' ')" \
    'forward forward/loss ' 'the model itself stands where its peak is'
# 8 sequences of 256 tokens, a number for each of 50257 words.
is "$(awk -F, '$2 == "forward" && $4 == "op" { print $14 - $12 }' "$temp/nodes.csv")" $((8 * 256 * 50257 * 4)) \
    'and adds that product, not what its modules have added'

# Within a step: what backward makes for itself it also frees, behind its making.
# shellcheck disable=SC2016 # awk's
columns='NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }'
is "$(awk -F, "$columns"' $at["node_type"] == "activation_grad" { n++
    off += $at["free_rank"] < $at["producer_rank"] } END { print (n > 50), off + 0 }' "$temp/tensors.csv")" '1 0' \
    'gradients of activations are freed behind their making'
is "$(awk -F, "$columns"' $at["node_type"] == "gradient" && $at["steps"] > 1 { n++
    next_step += $at["free_rank"] >= 0 && $at["free_rank"] < $at["producer_rank"] } END { print n, next_step }' \
    "$temp/tensors.csv")" '148 148' 'gradients of the 148 parameters in the next step'
done_testing
