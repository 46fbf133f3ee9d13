#!/usr/bin/env bash
# A long run of a ResNet-152's shape on softgpu (tests/scale/long_run.c: 1085 allocations, as many
# frees, 930 calls and 473 ranges a step), bare and recorded as it comes (GRAPHPROF_STEPS=auto).
# Prints one line. --addresses moving: 467 gradients outlive each step, at other addresses in each, as
# on a GPU (1397 allocations and as many frees a step then).
#
# usage: bench/long_run.sh [--steps N] [--addresses still|moving]
set -euo pipefail
cd "$(dirname "$0")/.."

steps=10000
addresses=still
while [ $# -gt 0 ]; do
    case $1 in
    --steps) steps=${2:-} ;;
    --addresses) addresses=${2:-} ;;
    *) echo "bench/long_run.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
    shift $(($# > 1 ? 2 : 1))
done
case $steps in '' | 0 | *[!0-9]*) echo "bench/long_run.sh: --steps '$steps': expected a number above 0" >&2; exit 2 ;; esac
program=(build/tests/scale/long_run "$steps")
case $addresses in
still) ;;
moving) program+=(moving) ;;
*) echo "bench/long_run.sh: --addresses '$addresses': expected still or moving" >&2; exit 2 ;;
esac
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
value() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" "$scratch/out/summary.json"; }

export LD_LIBRARY_PATH=build/softgpu
bare=$("${program[@]}")
recorded=$(LD_PRELOAD=$PWD/build/libgraphprof.so GRAPHPROF_OUT=$scratch/out GRAPHPROF_REPORT=no \
    "${program[@]}")
build/graphprof report --quiet "$scratch/out/capture.gpcap" -o "$scratch/out"
[ "$(value recorded_end_bytes)" = "${recorded##* }" ] ||
    { echo "bench/long_run.sh: $(value recorded_end_bytes) bytes live, the program says ${recorded##* }" >&2; exit 1; }
awk -v bare="$bare" -v recorded="$recorded" -v steps="$steps" -v thinned="$(value steps_thinned)" \
    -v lost="$(value events_lost)" -v bytes="$(value capture_bytes)" -v detailed="$(value capture_bytes_per_step)" 'BEGIN {
    split(bare, b); split(recorded, r)
    printf "%d steps: %.3f ms a step bare, %.3f recorded; capture %.1f MB, %.0f bytes a step (%d in detail); ", steps,
        b[2] / steps, r[2] / steps, bytes / 1e6, bytes / steps, detailed
    printf "%d of the steps taken back, %d events lost, live bytes at the end as the program says\n", thinned, lost }'
