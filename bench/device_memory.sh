#!/usr/bin/env bash
# How much memory the recorder takes on a GPU, and of the host beside one: resnet152 bare, recorded, recorded with
# GPU time in every step by CUPTI and by CUDA events, and under a recorder of kernels that is nothing but CUPTI
# (tests/gpu/kernel_record.c). Device: the card's memory in use as nvidia-smi has it, at most, above what it is
# without the program. Host: the program's VmHWM. By cudaMalloc, since what a memory pool holds differs from run to
# run. Prints a table; the card should have no other users.
#
# usage: bench/device_memory.sh [--batch-size N] [--steps N]
set -euo pipefail
cd "$(dirname "$0")/.."

batch=16 steps=30
while [ $# -gt 0 ]; do
    case $1 in
    --batch-size) batch=$2 ;;
    --steps) steps=$2 ;;
    *) echo "bench/device_memory.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
    shift 2
done
command -v nvidia-smi >/dev/null || { echo 'bench/device_memory.sh: needs a GPU (nvidia-smi)' >&2; exit 2; }
scratch=$(mktemp -d)
poll=''
trap '[ -z "$poll" ] || kill "$poll" 2>/dev/null; rm -rf "$scratch"' EXIT

used_mib() { nvidia-smi --query-gpu=memory.used --format=csv,noheader,nounits "$@"; }
row() { # row NAME ENVIRONMENT...
    local name=$1 idle pid now kib=0
    shift
    rm -rf "$scratch/out" "$scratch/record"
    idle=$(used_mib | head -n 1)
    used_mib --loop-ms=20 >"$scratch/used" &
    poll=$!
    env "$@" build/resnet152 --batch-size "$batch" --steps "$steps" --warmup 2 --allocator malloc >"$scratch/said" &
    pid=$!
    while kill -0 "$pid" 2>/dev/null; do
        now=$(awk '$1 == "VmHWM:" { print $2 }' "/proc/$pid/status" 2>/dev/null || true)
        kib=${now:-$kib}
        sleep 0.02
    done
    wait "$pid" || { cat "$scratch/said" >&2; exit 1; }
    kill "$poll"
    wait "$poll" 2>/dev/null || true
    poll=''
    awk -v name="$name" -v idle="$idle" -v kib="$kib" '$1 > most { most = $1 }
        END { printf "| %s | %d | %.1f |\n", name, most - idle, kib / 1024 }' "$scratch/used"
}
recorder=(LD_PRELOAD="$PWD/build/libgraphprof.so" GRAPHPROF_OUT="$scratch/out" GRAPHPROF_REPORT=no)

echo "| batch $batch, $steps steps | device MiB | host MiB |"
echo "|---|---|---|"
for turn in 1 2; do
    row "bare ($turn)" GRAPHPROF_OUT=
    row "recorded ($turn)" "${recorder[@]}" GRAPHPROF_TIME_STEPS=none
    row "with GPU time by CUPTI ($turn)" "${recorder[@]}" GRAPHPROF_TIME_STEPS=all
    row "with GPU time by events ($turn)" "${recorder[@]}" GRAPHPROF_TIME_STEPS=all GRAPHPROF_TIME_SOURCE=event
    row "CUPTI alone ($turn)" LD_PRELOAD="$PWD/build/tests/gpu/kernel_record.so" KERNEL_RECORD_OUT="$scratch/record"
done
