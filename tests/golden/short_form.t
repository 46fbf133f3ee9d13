#!/usr/bin/env bash
# The capture of an H200, written before records had a short form, says the same in short form; and a
# step of ResNet-152 then takes at most 200 KB, its kernels' records included.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
. tests/tap.sh
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

gunzip -c tests/golden/h200_batch_004.gpcap.gz >"$temp/long.gpcap"
shorten() { "$build/tests/scale/shorten_capture" <"$temp/long.gpcap" >"$temp/short.gpcap"; }
ok 'it is written in short form' shorten
for form in long short; do
    ok "the $form one is read" "$build/graphprof" report --quiet -o "$temp/$form" "$temp/$form.gpcap"
done
for table in nodes.csv tensors.csv; do
    ok "$table is the same" cmp "$temp/long/$table" "$temp/short/$table"
done
member() { sed -n "s/^ *\"$1\": \([0-9]*\).*/\1/p" "$temp/short/summary.json"; }
# what the dump says but for places, of records in both
events() { "$build/graphprof" dump "$1" | awk '$4 != "KIND" && $4 != "REPEAT" { $1 = ""; print }'; }
ok 'each record says what it said' cmp <(events "$temp/long.gpcap") <(events "$temp/short.gpcap")
# Bytes of the last step timed on the GPU, from its begin to its KERNEL records' end.
timed=$("$build/graphprof" dump "$temp/short.gpcap" | awk '
    $4 == "TIMED" && $5 == "on=1" { begin = $1; on = 1 }
    $4 == "TIMED" && $5 == "on=0" && on { step = $1 - begin; kernels = 0; on = 0 }
    $4 == "RANGE_POP" { last = $1 }
    $4 == "KERNEL" { n++ }
    END { printf "%d %d", step, n }')
read -r step kernels <<<"$timed"
kernels=$((kernels * 24 / 2)) # bytes, in each of the two timed steps
echo "# a step: $(member capture_bytes_per_step) bytes on average; timed $((step + kernels))"
ok 'a step has at most 200 KB on average' [ "$(member capture_bytes_per_step)" -le 200000 ]
ok 'and one timed on the GPU' [ $((step + kernels)) -le 200000 ]
done_testing
