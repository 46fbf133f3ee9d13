#!/usr/bin/env bash
# How fast `graphprof report` reads, and in how much memory: synthetic captures of a ResNet-152's
# step (tests/scale/write_long_capture.c), in short form as the recorder writes them, each read from
# the page cache. Prints one table (Markdown).
#
# usage: bench/report_speed.sh [--events "1000000 10000000 100000000"] [--folder DIR]
# 10^8 events are 1.5 GB under DIR (default: a temporary folder), removed behind their reading.
set -euo pipefail
cd "$(dirname "$0")/.."

sizes='1000000 10000000 100000000' parent=${TMPDIR:-/tmp}
while [ $# -gt 0 ]; do
    case $1 in
    --events) sizes=$2; shift 2 ;;
    --folder) parent=$2; shift 2 ;;
    *) echo "bench/report_speed.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
done
time=$(type -P time) || { echo 'bench/report_speed.sh: needs GNU time (apt package time)' >&2; exit 2; }
scratch=$(mktemp -d "$parent/graphprof_report.XXXXXX")
trap 'rm -rf "$scratch"' EXIT

echo "CPU: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), one thread. $(date +%F)."
echo
echo '| events | steps | capture MB | CPU s | of it system | elapsed s | million events a CPU second | peak RSS MiB |'
echo '|---|---|---|---|---|---|---|---|'
for events in $sizes; do
    needed=$((events * 16 / 1024))
    if [ "$(df --output=avail "$scratch" | tail -n 1)" -lt "$needed" ]; then
        echo "bench/report_speed.sh: $parent: $events events need $((needed / 1024)) MB" >&2
        exit 1
    fi
    build/tests/scale/write_long_capture "$events" 2>"$scratch/said" |
        build/tests/scale/shorten_capture >"$scratch/capture.gpcap"
    cat "$scratch/capture.gpcap" >/dev/null
    "$time" -f '%U %S %e %M' -o "$scratch/time" build/graphprof report --quiet -o "$scratch" "$scratch/capture.gpcap"
    awk -v bytes="$(stat -c %s "$scratch/capture.gpcap")" '
        NR == FNR { records = $1; steps = $3; next }
        { cpu = $1 + $2
          printf "| %d | %d | %.0f | %.2f | %.2f | %.2f | %.1f | %.0f |\n", records, steps, bytes / 1e6,
                 cpu, $2, $3, records / cpu / 1e6, $4 / 1024 }' "$scratch/said" "$scratch/time"
    rm -f "$scratch/capture.gpcap"
done
