#!/usr/bin/env bash
# How much host memory the recorder takes: peak resident memory (VmHWM) of a program on softgpu with
# 1000 allocations a step (tests/scale/long_run.c), bare and with every step recorded in detail, when
# the capture has grown to some hundred MB. Prints one line.
#
# usage: bench/recorder_memory.sh [--steps N]
set -euo pipefail
cd "$(dirname "$0")/.."

steps=2000
case ${1:-} in
--steps) steps=$2 ;;
?*) echo "bench/recorder_memory.sh: unknown option '$1'" >&2; exit 2 ;;
esac
time=$(type -P time) || { echo 'bench/recorder_memory.sh: needs GNU time (apt package time)' >&2; exit 2; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

peak_kib() { # peak_kib COMMAND...
    "$time" -f %M -o "$scratch/kib" env LD_LIBRARY_PATH=build/softgpu "$@" >"$scratch/said"
    cat "$scratch/kib"
}
bare=$(peak_kib build/tests/scale/long_run "$steps")
recorded=$(peak_kib LD_PRELOAD="$PWD/build/libgraphprof.so" GRAPHPROF_OUT="$scratch/out" GRAPHPROF_REPORT=no \
    GRAPHPROF_STEPS=all build/tests/scale/long_run "$steps")
bytes=$(stat -c %s "$scratch/out/capture.gpcap")
awk -v bare="$bare" -v recorded="$recorded" -v bytes="$bytes" -v steps="$steps" 'BEGIN {
    printf "peak resident: %.1f MiB bare, %.1f MiB recorded, %.1f MiB the recorder; %d steps, capture %.0f MB\n",
        bare / 1024, recorded / 1024, (recorded - bare) / 1024, steps, bytes / 1e6 }'
