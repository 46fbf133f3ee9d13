#!/usr/bin/env bash
# GPU time by CUDA events on real hardware, against CUPTI's: resnet152 at batch 4 and 64 under each. A span is
# its kernels and what lies between them, so that no node may have less than its kernels; where the GPU is
# behind (batch 64) a step may have a tenth more. And a program with several streams, a capture and a graph.
# Prints TAP and the largest nodes. Within two minutes on an H200.
# usage: tests/gpu/events.sh [IMAGE_SIZE [BATCH...]]     (SOFTGPU_CUPTI=yes: on softgpu, a trial of the script)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build}
image=${1:-224}
shift $(($# > 0))
batches=("${@:-4}")
[ $# -gt 0 ] || batches=(4 64)
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
[ "${SOFTGPU_CUPTI:-}" != yes ] || export LD_LIBRARY_PATH=$PWD/$build/softgpu

recorded() { # recorded SOURCE FOLDER COMMAND...: runs it and makes its report
    local source=$1 out=$2
    shift 2
    env LD_PRELOAD="$PWD/$build/libgraphprof.so" GRAPHPROF_OUT="$out" GRAPHPROF_REPORT=no GRAPHPROF_TIME_SOURCE="$source" \
        "$@" >"$out.said" 2>"$out.err" && "$build/graphprof" report --quiet "$out/capture.gpcap" -o "$out"
}
summary() { sed -n "s/^ *\"$2\": \"*\([^\",]*\)\"*,*\$/\1/p" "$1/summary.json"; }
ops() { # ops FOLDER: name, source, ms of each op
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "op" { print $at["name"] "\t" $at["time_source"] "\t" $at["median_run_time_ms"] }' "$1/nodes.csv"
}
holds() { awk "BEGIN { exit !($1) }"; }
losses() { sed -n 's/^step \([0-9]*\) loss \([^ ]*\).*/\1 \2/p' "$1"; }

for batch in "${batches[@]}"; do
    steps=$((batch < 32 ? 38 : 14))
    [ "${SOFTGPU_CUPTI:-}" != yes ] || steps=4
    train=("$build/resnet152" --batch-size "$batch" --image-size "$image" --steps "$steps" --warmup 2)
    for source in cupti event; do
        ok "batch $batch: runs by $source" recorded $source "$temp/$source" "${train[@]}"
        is "$(ops "$temp/$source" | cut -f 2 | sort -u) $(summary "$temp/$source" gpu_time_source)" "$source $source" "batch $batch: all time is by $source"
        is "$(for f in gpu_records_lost gpu_steps_incomplete gpu_records_unmatched; do summary "$temp/$source" $f; done | tr '\n' ' ')" \
            "0 0 0 " "batch $batch: nothing is lost by $source"
    done
    is "$(losses "$temp/event.said")" "$(losses "$temp/cupti.said")" "batch $batch: the losses are the same"
    join -t $'\t' <(ops "$temp/cupti" | cut -f 1,3 | sort) <(ops "$temp/event" | cut -f 1,3 | sort) | sort -t $'\t' -k 2gr >"$temp/both"
    if [ "${SOFTGPU_CUPTI:-}" = yes ]; then
        skip "batch $batch: nodes and steps against CUPTI" "softgpu's times are the host's"
    else
        is "$(head -n 50 "$temp/both" | awk -F '\t' '$3 < 0.97 * $2 - 0.002')" "" "batch $batch: none of the 50 largest nodes has less than its kernels"
        by_cupti=$(summary "$temp/cupti" gpu_busy_ms) by_events=$(summary "$temp/event" gpu_busy_ms)
        host=$(summary "$temp/event" step_median_ms)
        at_most=$([ "$batch" -lt 64 ] && echo "1.5 * $host + $by_cupti" || echo "1.1 * $by_cupti")
        ok "batch $batch: a step has $by_cupti ms by CUPTI, $by_events by events, $host on the host" \
            holds "$by_events >= 0.97 * $by_cupti && $by_events <= $at_most"
    fi
    printf '# %-40s %10s %10s\n' "batch $batch: node" CUPTI events
    head -n 8 "$temp/both" | awk -F '\t' '{ printf "# %-40s %10.3f %10.3f\n", $1, $2, $3 }'
    rm -rf "$temp/cupti" "$temp/event"
done

program=$build/tests/integration/event_time
if [ -x "$program" ]; then
    ok "several streams: the program runs" recorded event "$temp/streams" "$program" 9
    ok "several streams: without the recorder too, and says the same" diff <("$program" 9) "$temp/streams.said"
    is "$(cat "$temp/streams.err")" "" "several streams: nothing is said on stderr"
    is "$(for f in gpu_records_lost gpu_steps_incomplete; do summary "$temp/streams" $f; done | tr '\n' ' ')" "0 0 " "several streams: nothing is lost"
    is "$(ops "$temp/streams" | awk -F '\t' '$3 == 0 { print $1 }' | sort | tr '\n' ' ')" "capture host " "several streams: what gives the GPU work has time"
else
    skip "several streams" "$program is not built"
fi
done_testing
