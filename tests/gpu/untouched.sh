#!/usr/bin/env bash
# The program is untouched: resnet152's stdout is the same byte for byte (but for the times it
# prints) and every loss bit for bit (--numbers, 17 digits) with and without the recorder, for both
# allocators, layouts, optimizers and precisions. Prints TAP. On softgpu or on the GPU, as it is run.
set -euo pipefail
cd "$(dirname "$0")/../.."

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
image_size=${1:-64}

# The times differ from run to run whether recorded or not.
without_times() { sed -E 's/ ms [0-9.]+/ ms T/; s/ images\/s [0-9.]+/ images\/s T/' "$1"; }

number=0 failed=0
for options in '--allocator malloc --layout nchw --optimizer sgd' \
    '--allocator async --layout nchw --optimizer adam' \
    '--allocator async --layout nhwc --optimizer sgd' \
    '--allocator malloc --layout nhwc --optimizer adam --precision tf32'; do
    read -r -a words <<<"$options"
    common=(--batch-size 4 --image-size "$image_size" --steps 5 --warmup 0 "${words[@]}")
    build/resnet152 "${common[@]}" --numbers "$scratch/bare.csv" >"$scratch/bare" 2>"$scratch/bare.err"
    LD_PRELOAD=$PWD/build/libgraphprof.so GRAPHPROF_OUT=$scratch/out \
        build/resnet152 "${common[@]}" --numbers "$scratch/recorded.csv" \
        >"$scratch/recorded" 2>"$scratch/recorded.err"
    number=$((number + 1))
    if cmp -s "$scratch/bare.csv" "$scratch/recorded.csv" && [ -s "$scratch/out/nodes.csv" ] &&
        cmp -s <(without_times "$scratch/bare") <(without_times "$scratch/recorded"); then
        echo "ok $number - same stdout and numbers: $options"
    else
        echo "not ok $number - same stdout and numbers: $options"
        diff <(without_times "$scratch/bare") <(without_times "$scratch/recorded") | head -5 | sed 's/^/# /' || true
        failed=1
    fi
    rm -rf "$scratch/out"
done
echo "1..$number"
exit $failed
