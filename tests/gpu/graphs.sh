#!/usr/bin/env bash
# CUDA graphs on real hardware: that CUPTI tells of nodes and their copies as the recorder expects it to,
# and that memory is where tests/integration/graphs.t has it. Prints TAP. Within half a minute.
# usage: tests/gpu/graphs.sh     (SOFTGPU_CUPTI=yes: on softgpu, a trial, without the kernels)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
[ "${SOFTGPU_CUPTI:-}" != yes ] || export LD_LIBRARY_PATH=$PWD/$build/softgpu

recorded() { # recorded FOLDER COMMAND...: runs it and makes its report
    local out=$1
    shift
    env LD_PRELOAD="$PWD/$build/libgraphprof.so" GRAPHPROF_OUT="$out" GRAPHPROF_REPORT=no "$@" &&
        "$build/graphprof" report --quiet "$out/capture.gpcap" -o "$out"
}
value() { # value FOLDER NAME COLUMN, of an op
    awk -F, -v name="$2" -v column="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["name"] == name && $at["node_type"] == "op" { print $at[column] }' "$1/nodes.csv"
}
summary() { sed -n "s/^ *\"$2\": \(.*[^,]\),*\$/\1/p" "$1/summary.json"; }
within() { awk -v value="$1" -v from="$2" -v to="$3" 'BEGIN { exit !(value >= from && value <= to) }'; }
# Bytes of a node above what is live throughout: before, at its peak, after.
above() { # above FOLDER NAME
    local kept column
    kept=$(value "$1" forward/a median_active_mem_bytes)
    for column in median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes; do
        printf '%d ' "$(($(value "$1" "$2" "$column") - kept))"
    done
}
books() { echo "$(summary "$1" balance_violations) $(summary "$1" unknown_frees) $(summary "$1" missed_frees)"; }

# 1 MiB is left by forward/a, 256 KiB are there beside it for a while; see tests/integration/graphs.c.
run() {
    for way in inside outside relaunch; do
        out=$temp/$way
        ok "$way: the program runs and is reported" recorded "$out" "$build/tests/integration/graphs" "$way"
        is "$(above "$out" forward/a)" "0 1310720 1048576 " "$way: the graph's memory is live from its node on"
        is "$(books "$out")" "0 0 0" "$way: the books close"
        is "$(value "$out" backward/b time_source)" cupti "$way: a captured range has GPU time"
        is "$(summary "$out" gpu_launches_without_record) $(summary "$out" gpu_records_unmatched)" "0 0" "$way: all work is known"
    done
    is "$(above "$temp/inside" backward/b)" "1048576 1048576 0 " "inside: it is live until the node that frees it"
    is "$(above "$temp/outside" use)" "1048576 1048576 0 " "outside: until the program's own free"

    if [ "${SOFTGPU_CUPTI:-}" != yes ]; then
        out=$temp/kernels
        ok "kernels: the program runs and is reported" recorded "$out" "$build/tests/gpu/graphs"
        ok "kernels: 0.2 ms are forward/a's" within "$(value "$out" forward/a median_run_time_ms)" 0.19 0.4
        ok "kernels: 0.6 ms are backward/b's" within "$(value "$out" backward/b median_run_time_ms)" 0.59 1.2
        ok "kernels: a library's kernel is its range's" within "$(value "$out" forward/gemm median_run_time_ms)" 0.001 1
        ok "kernels: what was captured in no range is the launch's" within "$(value "$out" replay median_run_time_ms)" 0.0001 0.1
        is "$(above "$out" backward/b)" "1048576 1048576 0 " "kernels: memory is live between its nodes"
        is "$(summary "$out" gpu_launches_without_record) $(summary "$out" gpu_records_unmatched)" "0 0" "kernels: all work is known"
        is "$(books "$out")" "0 0 0" "kernels: the books close"
        awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["node_type"] == "op" {
            print "# " $at["name"], $at["op"], $at["median_run_time_ms"] " ms" }' "$out/nodes.csv"
    fi
    done_testing
}
run
