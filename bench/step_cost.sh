#!/usr/bin/env bash
# What recording costs a training step: the same program bare and under the recorder, in turn
# (A B, B A, A B ...), the ratio taken pair by pair. Prints one table (Markdown).
#
# usage: bench/step_cost.sh [--batch-sizes "4 64"] [--pairs N] [--steps N] [--image-size N]
#                           [-- OPTIONS OF resnet152]
# The figure of a run is the median of its steps' ms after warm-up; softgpu is used where no
# driver answers.
set -euo pipefail
cd "$(dirname "$0")/.."

batch_sizes='4 64' pairs=5 steps=40 image_size='' program_options=()
while [ $# -gt 0 ]; do
    case $1 in
    --batch-sizes) batch_sizes=$2; shift 2 ;;
    --pairs) pairs=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    --image-size) image_size=$2; shift 2 ;;
    --) shift; program_options=("$@"); break ;;
    *) echo "bench/step_cost.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
done

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
if nvidia-smi -L >/dev/null 2>&1; then
    device=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader | head -n 1)
    image_size=${image_size:-224}
else
    device='softgpu (CPU)'
    export LD_LIBRARY_PATH=$PWD/build/softgpu${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
    export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-1000}
    image_size=${image_size:-64}
fi

# Median of the steps' ms, warm-up left out. $1: log
median_ms() {
    awk '$1 == "step" { for (i = 2; i < NF; i++) if ($i == "ms") print $(i + 1) }' "$1" |
        tail -n "$steps" | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'
}
train() { # $1: batch size; the rest: environment
    local batch=$1
    shift
    env "$@" build/resnet152 --batch-size "$batch" --image-size "$image_size" --steps "$steps" \
        --warmup 5 "${program_options[@]}"
}
bare() { train "$1" >"$scratch/bare.log"; }
recorded() {
    rm -rf "$scratch/out"
    train "$1" LD_PRELOAD="$PWD/build/libgraphprof.so" GRAPHPROF_OUT="$scratch/out" \
        GRAPHPROF_REPORT=no >"$scratch/recorded.log"
}

echo "Device: $device. Image $image_size, $steps steps a run, $pairs pairs, options: ${program_options[*]:-none}. $(date +%F)."
echo
echo '| batch | bare ms (median of runs) | recorded ms | ratio: median (min - max) | capture KB a step | events lost |'
echo '|---|---|---|---|---|---|'
for batch in $batch_sizes; do
    : >"$scratch/pairs"
    for pair in $(seq "$pairs"); do
        if [ $((pair % 2)) = 1 ]; then bare "$batch"; recorded "$batch"; else recorded "$batch"; bare "$batch"; fi
        echo "$(median_ms "$scratch/bare.log") $(median_ms "$scratch/recorded.log")" >>"$scratch/pairs"
    done
    build/graphprof report "$scratch/out/capture.gpcap" -o "$scratch/out" >/dev/null
    json() { sed -n "s/.*\"$1\": *\([0-9.]*\).*/\1/p" "$scratch/out/summary.json" | head -n 1; }
    awk -v batch="$batch" -v kb="$(json capture_bytes_per_step)" -v lost="$(json events_lost)" '
        function median(a, n) { asort_(a, n); return a[int((n + 1) / 2)] }
        function asort_(a, n, i, j, t) { for (i = 2; i <= n; i++) for (j = i; j > 1 && a[j - 1] > a[j]; j--) { t = a[j]; a[j] = a[j - 1]; a[j - 1] = t } }
        { bare[NR] = $1; with[NR] = $2; ratio[NR] = $2 / $1 }
        END { b = median(bare, NR); w = median(with, NR); r = median(ratio, NR)
              printf "| %d | %.2f | %.2f | %.4f (%.4f - %.4f) | %.1f | %d |\n", batch, b, w, r, ratio[1], ratio[NR], kb / 1000, lost }' "$scratch/pairs"
done
