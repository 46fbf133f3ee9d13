#!/usr/bin/env bash
# What watching costs a training step. The same program bare and under each profiler, in turns whose
# order rotates; ratios are taken turn by turn. Prints one table (Markdown).
#
# usage: bench/step_cost.sh [--batch-sizes "4 64"] [--turns N] [--steps N] [--image-size N]
#                           [--only "PROFILER..."] [-- OPTIONS OF resnet152]
#
#   recorded  resnet152 under graphprof: memory, roles and ranges
#   timed     the same with GPU time in every step
#   events    the same by CUDA events (GRAPHPROF_TIME_SOURCE=event)
#   nsys      resnet152 under Nsight Systems: cuda, nvtx, cudnn, cublas and memory usage
#   profiler  torchvision's ResNet-152 under torch.profiler with memory
#   history   torchvision's ResNet-152 with torch.cuda.memory._record_memory_history
#
# The figure of a run is the median of its steps' ms after warm-up. softgpu is used where no driver
# answers (timed is recorded there). What is not on this machine is left out and named.
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/quantiles.sh

batch_sizes='4 64' turns=5 steps=40 warmup=5 image_size='' program_options=()
profilers='recorded timed events nsys profiler history'
while [ $# -gt 0 ]; do
    case $1 in
    --batch-sizes) batch_sizes=$2; shift 2 ;;
    --turns) turns=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    --image-size) image_size=$2; shift 2 ;;
    --only) profilers=$2; shift 2 ;;
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
nsys=$(command -v nsys || find /opt/nvidia -name nsys -path '*target-linux-x64*' 2>/dev/null | head -n 1) || true

# Why a profiler cannot be had here; nothing if it can.
missing() {
    case $1 in
    recorded | timed | events) ;;
    nsys) if [ -z "$nsys" ] || [ "$device" = 'softgpu (CPU)' ]; then echo 'no nsys, or no GPU'; fi ;;
    profiler | history)
        python3 -c 'import torch, torchvision; assert torch.cuda.is_available()' 2>/dev/null ||
            echo 'no torch and torchvision that see a GPU'
        ;;
    *) echo "bench/step_cost.sh: unknown profiler '$1'" >&2; exit 2 ;;
    esac
}

# The run's figure on stdout; the rest of what it says to stderr. run NAME BATCH
run() {
    case $1 in
    bare) train "$2" ;;
    recorded) recorded recorded "$2" none ;;
    timed) recorded timed "$2" all ;;
    events) GRAPHPROF_TIME_SOURCE=event recorded events "$2" all ;;
    nsys)
        train "$2" "$nsys" profile --trace=cuda,nvtx,cudnn,cublas --cuda-memory-usage=true --sample=none \
            --cpuctxsw=none --force-overwrite=true --output="$scratch/nsys"
        ;;
    torch_bare) peer "$2" none ;;
    profiler | history) peer "$2" "$1" ;;
    esac
}
train() { # BATCH [COMMAND OR ENVIRONMENT...]: median of the steps' ms, warm-up left out
    local batch=$1
    shift
    env "$@" build/resnet152 --batch-size "$batch" --image-size "$image_size" --steps "$steps" \
        --warmup "$warmup" "${program_options[@]}" >"$scratch/log"
    awk '$1 == "step" { for (i = 2; i < NF; i++) if ($i == "ms") print $(i + 1) }' "$scratch/log" |
        tail -n "$steps" | quantiles %s 50
}
recorded() { # NAME BATCH TIME_STEPS
    rm -rf "${scratch:?}/$1"
    train "$2" LD_PRELOAD="$PWD/build/libgraphprof.so" GRAPHPROF_OUT="$scratch/$1" GRAPHPROF_REPORT=no \
        GRAPHPROF_TIME_STEPS="$3"
}
peer() { # BATCH PROFILER
    python3 tests/gpu/pytorch_peer.py --batch-sizes "$1" --precisions fp32 --image-size "$image_size" \
        --steps "$steps" --warmup "$warmup" --profiler "$2" | awk -F, 'NR == 2 { print $10 }'
}
# Bytes of capture a step, set-up and what is written behind the steps included, and events lost.
capture_columns() { # NAME
    case $1 in
    recorded | timed | events)
        build/graphprof report --quiet "$scratch/$1/capture.gpcap" -o "$scratch/$1" >&2
        member() { sed -n "s/^ *\"$1\": \([0-9.]*\).*/\1/p" "$scratch/$2/summary.json" | head -n 1; }
        echo "$(($(member capture_bytes "$1") / (steps + warmup) / 100))|$(member events_lost "$1")" |
            sed -E 's/([0-9])\|/.\1 | /; s/^\./0./'
        ;;
    *) echo '- | -' ;;
    esac
}
# One program bare and under each profiler that is there, in turns. program NAME BARE PROFILER...
program() {
    local name=$1 bare=$2 batch turn i
    shift 2
    [ $# -gt 0 ] || return 0
    local order=("$bare" "$@")
    for batch in $batch_sizes; do
        rm -f "$scratch"/*.ms
        for turn in $(seq "$turns"); do
            for i in "${!order[@]}"; do
                local who=${order[(turn + i) % ${#order[@]}]}
                run "$who" "$batch" >>"$scratch/$who.ms"
            done
        done
        echo "| $batch | $name, bare | $(spread %.2f <"$scratch/$bare.ms") | 1 | - | - |"
        for who in "$@"; do
            echo "| $batch | $name, $who | $(spread %.2f <"$scratch/$who.ms") |" \
                "$(paste "$scratch/$who.ms" "$scratch/$bare.ms" | awk '{ print $1 / $2 }' | spread %.4f) |" \
                "$(capture_columns "$who") |"
        done
    done
}

there=()
for p in $profilers; do
    why=$(missing "$p")
    if [ -z "$why" ]; then there+=("$p"); else echo "$p: left out: $why"; fi
done
ours=() torch=()
for p in "${there[@]}"; do
    case $p in profiler | history) torch+=("$p") ;; *) ours+=("$p") ;; esac
done
echo "$device; image $image_size, $steps steps a run, $turns turns, options: ${program_options[*]:-none}; $(date +%F)."
echo
echo '| batch | program, under | step ms: median (min - max) of runs | ratio to bare | capture KB a step | events lost |'
echo '|---|---|---|---|---|---|'
program resnet152 bare "${ours[@]}"
program torchvision torch_bare "${torch[@]}"
