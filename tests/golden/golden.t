#!/usr/bin/env bash
# Trains as the reference did and compares the numbers. Prints TAP.
# usage: golden.t softgpu|gpu [IMAGE_SIZE:OPTIMIZER:LAYOUT]...     default: all eight
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
reference=tests/golden/reference.csv
device=${1:?softgpu or gpu}
shift
runs=("$@")
if [ ${#runs[@]} -eq 0 ]; then
    for size in 64 224; do
        for optimizer in sgd adam; do
            for layout in nchw nhwc; do runs+=("$size:$optimizer:$layout"); done
        done
    done
fi

tests_a_run=6
echo "1..$((tests_a_run * ${#runs[@]}))"
if [ ! -f "$reference" ]; then
    echo "Bail out! $reference is missing: make it on a GPU with tests/golden/make_reference.py"
    exit 2
fi
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
if [ "$device" = softgpu ]; then export LD_LIBRARY_PATH=$PWD/$build/softgpu; fi

setting() { awk -F, -v name="$1" '$1 == "setting" && $2 == name { print $6 }' "$reference"; }

for run in "${runs[@]}"; do
    IFS=: read -r size optimizer layout <<<"$run"
    options=(--data synthetic --warmup 0 --precision fp32 --layout "$layout" --image-size "$size"
        --optimizer "$optimizer" --lr "$(setting "${optimizer}_lr")"
        --weight-decay "$(setting "${optimizer}_weight_decay")" --momentum "$(setting sgd_momentum)"
        --seed "$(setting seed)" --batch-size "$(setting batch_size)"
        --classes "$(setting classes)" --steps "$(setting steps)")
    if ! "$build/resnet152" "${options[@]}" --numbers "$temp/numbers.csv" >"$temp/log" 2>&1; then
        echo "Bail out! resnet152 ${options[*]}: $(tail -n 1 "$temp/log")"
        exit 1
    fi
    "$build/tests/golden/check_numbers" "$reference" "$temp/numbers.csv" "$size" "$optimizer" \
        "$device ${size}x$size $optimizer $layout"
done
