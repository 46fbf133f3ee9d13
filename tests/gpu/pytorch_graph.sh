#!/usr/bin/env bash
# PyTorch with a whole training step as a CUDA graph, unchanged: pytorch_graph.py bare and under
# `graphprof run --step-every cudaGraphLaunch`, since PyTorch calls no hook in a replay. A replayed step has the
# modules' ranges in which it was captured, with their GPU time, and the memory that the capture used, blocks
# that passed in it included. Prints TAP. Within a minute.
# usage: tests/gpu/pytorch_graph.sh      environment: PYTHON (python3)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build} python=${PYTHON:-python3}
"$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
    skip_all "$python has no PyTorch that finds a GPU"
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
out=$temp/out
run() { "$@" "$python" tests/gpu/pytorch_graph.py 12 >"$temp/said" 2>"$temp/err" || { tail -n 5 "$temp/err" | sed 's/^/# /' && return 1; }; }
said() { sed -n "s/^$1 //p" "$temp/said"; }
summary() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" "$out/summary.json"; }
timed() { # timed PHASE: of its ops how many have time by CUPTI
    awk -F, -v phase="$1/" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "op" && index($at["name"], phase) == 1 && $at["time_source"] == "cupti" &&
        $at["median_run_time_ms"] > 0' "$out/nodes.csv" | wc -l
}
at_least() { [ "$1" -ge "$2" ]; }

ok "the program runs" run env
loss=$(said loss)
ok "and under graphprof" run "$build/graphprof" run --step-every cudaGraphLaunch -o "$out" --
is "$(said loss)" "$loss" "the loss is the same"
ok "each replay but the first ends a step" at_least "$(summary steps_complete)" 11
for phase in forward backward optimizer; do
    ok "$phase: captured ranges have GPU time" at_least "$(timed $phase)" 1
done
peak=$(($(summary peak_bytes) - $(summary peak_library_bytes))) captured=$(said capture_peak_bytes)
ok "the peak of a replay, $peak bytes, is that of the capture, $captured, within 1 %" \
    awk "BEGIN { exit !(($peak - $captured) <= $captured / 100 && ($captured - $peak) <= $captured / 100) }"
is "$(for f in balance_violations unknown_frees missed_frees gpu_records_unmatched gpu_launches_without_record; do summary $f; done | tr '\n' ' ')" \
    "0 0 0 0 0 " "the books close, and all work is known"
[ ! -f "$out/nodes.csv" ] || awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["node_type"] == "op" {
    print "# " $at["name"], $at["op"], $at["median_run_time_ms"] " ms", $at["median_peak_mem_bytes"] }' "$out/nodes.csv"
done_testing
