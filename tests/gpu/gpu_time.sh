#!/usr/bin/env bash
# GPU time per node on real hardware: resnet152 at batch 4 and 64, twice under graphprof and once
# under an independent recorder of kernels; compare_kernels.pl holds them against one another. Prints
# TAP and a short table. Within a minute and a half on an H200.
# usage: tests/gpu/gpu_time.sh [IMAGE_SIZE [BATCH...]]     (SOFTGPU_CUPTI=yes: on softgpu, a trial)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
image=${1:-224}
shift $(($# > 0))
batches=("${@:-4}")
[ $# -gt 0 ] || batches=(4 64)

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
[ "${SOFTGPU_CUPTI:-}" != yes ] || export LD_LIBRARY_PATH=$PWD/$build/softgpu

train() { # train BATCH ENVIRONMENT...
    local batch=$1
    shift
    env "$@" "$build/resnet152" --batch-size "$batch" --image-size "$image" --steps "$steps" \
        --warmup 2 >"$scratch/log" || { cat "$scratch/log"; exit 1; }
}
recorded() { # recorded BATCH FOLDER
    train "$1" LD_PRELOAD="$PWD/$build/libgraphprof.so" GRAPHPROF_OUT="$2" GRAPHPROF_REPORT=no
    "$build/graphprof" report --quiet "$2/capture.gpcap" -o "$2"
    "$build/graphprof" dump "$2/capture.gpcap" >"$2/dump.txt"
}

for batch in "${batches[@]}"; do
    steps=$((batch < 32 ? 38 : 14))
    [ "${SOFTGPU_CUPTI:-}" != yes ] || steps=4
    recorded "$batch" "$scratch/one"
    recorded "$batch" "$scratch/two"
    train "$batch" LD_PRELOAD="$PWD/$build/tests/gpu/kernel_record.so" KERNEL_RECORD_OUT="$scratch/record"
    perl tests/gpu/compare_kernels.pl "batch $batch" "$scratch/one" "$scratch/two" "$scratch/record" \
        $((steps + 2)) | tee -a "$scratch/tap"
    rm -rf "$scratch/one" "$scratch/two"
done
echo "1..$(grep -cE '^(not )?ok ' "$scratch/tap")"
! grep -q '^not ok' "$scratch/tap"
