#!/usr/bin/env bash
# What recording costs a training step: the same program bare, (a) recorded without GPU time and
# (b) with GPU time in every step, in turns whose order rotates; ratios are taken turn by turn.
# Prints one table (Markdown).
#
# usage: bench/step_cost.sh [--batch-sizes "4 64"] [--turns N] [--steps N] [--image-size N]
#                           [-- OPTIONS OF resnet152]
# The figure of a run is the median of its steps' ms after warm-up; softgpu is used where no
# driver answers (and (b) is (a) there).
set -euo pipefail
cd "$(dirname "$0")/.."

batch_sizes='4 64' turns=5 steps=40 image_size='' program_options=()
while [ $# -gt 0 ]; do
    case $1 in
    --batch-sizes) batch_sizes=$2; shift 2 ;;
    --turns) turns=$2; shift 2 ;;
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
run_bare() { train "$1" >"$scratch/bare.log"; }
run_recorded() { recorded "$1" recorded none; }
run_timed() { recorded "$1" timed all; }
recorded() { # BATCH NAME TIME_STEPS
    rm -rf "${scratch:?}/$2"
    train "$1" LD_PRELOAD="$PWD/build/libgraphprof.so" GRAPHPROF_OUT="$scratch/$2" GRAPHPROF_REPORT=no \
        GRAPHPROF_TIME_STEPS="$3" >"$scratch/$2.log"
}
summary() { # NAME MEMBER: of the last run of that name
    build/graphprof report --quiet "$scratch/$1/capture.gpcap" -o "$scratch/$1" >&2
    sed -n "s/^ *\"$2\": \([0-9.]*\).*/\1/p" "$scratch/$1/summary.json" | head -n 1
}
# Median (min - max) of the column $1 of the turns' file over the bare column.
ratio() {
    awk -v c="$1" '{ print $c / $1 }' "$scratch/turns" | sort -n |
        awk '{ v[NR] = $1 } END { printf "%.4f (%.4f - %.4f)", v[int((NR + 1) / 2)], v[1], v[NR] }'
}

echo "$device; image $image_size, $steps steps a run, $turns turns, options: ${program_options[*]:-none}; $(date +%F)."
echo
echo '| batch | bare ms (median of runs) | (a) recorded: ratio, median (min - max) | (b) with GPU time | capture KB a step: (a), (b) | events lost |'
echo '|---|---|---|---|---|---|'
order=(bare recorded timed)
for batch in $batch_sizes; do
    : >"$scratch/turns"
    for turn in $(seq "$turns"); do
        for i in 0 1 2; do "run_${order[(turn + i) % 3]}" "$batch"; done
        echo "$(median_ms "$scratch/bare.log") $(median_ms "$scratch/recorded.log") $(median_ms "$scratch/timed.log")" >>"$scratch/turns"
    done
    bare_ms=$(awk '{ print $1 }' "$scratch/turns" | sort -n | awk '{ v[NR] = $1 } END { printf "%.2f", v[int((NR + 1) / 2)] }')
    kb() { awk -v bytes="$(summary "$1" capture_bytes_per_step)" 'BEGIN { printf "%.1f", bytes / 1000 }'; }
    echo "| $batch | $bare_ms | $(ratio 2) | $(ratio 3) | $(kb recorded), $(kb timed) | $(summary timed events_lost) |"
done
