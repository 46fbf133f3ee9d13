#!/usr/bin/env bash
# resnet152 beside torchvision's ResNet-152 on the same card in one run: same batch sizes, optimizer
# and precision, with any algorithm and with deterministic ones alone. Prints CSV; the bytes of ours
# are the recorder's, the times of ours are without it.
# usage: tests/gpu/beside_pytorch.sh [BATCH_SIZE...]
set -euo pipefail
cd "$(dirname "$0")/../.."
sizes=("$@")
[ ${#sizes[@]} -gt 0 ] || sizes=(4 8 16 32 64)
steps=15 warmup=5
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

echo "program,deterministic,precision,batch_size,parameter_bytes,gradient_bytes,opt_state_bytes,peak_bytes,median_step_ms"
for deterministic in no yes; do
    flag=()
    [ "$deterministic" = no ] || flag=(--deterministic)
    python3 tests/gpu/pytorch_peer.py --batch-sizes "${sizes[@]}" --steps $steps --warmup $warmup "${flag[@]}" |
        awk -F, -v d="$deterministic" 'NR > 1 { printf "pytorch,%s,%s,%s,%s,%s,%s,%s,%s\n", d, $1, $3, $4, $6, $7, $8, $10 }'
    for precision in fp32 tf32; do
        for size in "${sizes[@]}"; do
            train=(build/resnet152 --batch-size "$size" --optimizer adam --lr 1e-5 --precision "$precision"
                --steps "$steps" --warmup "$warmup" --deterministic "$deterministic")
            "${train[@]}" >"$scratch/bare"
            ms=$(awk '$1 == "step" && !/warmup/ { print $6 }' "$scratch/bare" | sort -n |
                awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }')
            GRAPHPROF_TIME_STEPS=none build/graphprof run -o "$scratch/out" -- "${train[@]}" >/dev/null 2>&1
            field() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" "$scratch/out/summary.json" | head -n 1; }
            echo "resnet152,$deterministic,$precision,$size,$(field parameter_tensor_bytes),$(field gradient_tensor_bytes),$(field opt_state_tensor_bytes),$(field peak_bytes),$ms"
        done
    done
done
