#!/usr/bin/env bash
# graphprof batch_memory_analysis on a sweep small enough to add up by hand (make-small.pl): the numbers
# that it prints, and each check once as PASS and once as FAIL.
# shellcheck disable=SC2016 # the edits are perl
set -euo pipefail
. tests/tap.sh
graphprof=$PWD/${GRAPHPROF:-build/graphprof}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
perl tests/front/make-small.pl "$temp/good" 2 4 8
analyse() { # analyse REPORTS OPTION...
    local reports=$1
    shift
    "$graphprof" batch_memory_analysis --batch-sizes 8 2 4 --reports "$reports" --expect-parameters 100 --optimizer adam "$@"
}
said() { grep -qF -- "$1" "$temp/said"; } # with blanks as they stand

is "$(status_of analyse "$temp/good" 2>"$temp/err" >"$temp/said"; tail -n 1 "$temp/said")" 0 "a sweep whose books close: exit status 0"
sed -i '$d' "$temp/said"
is "$(cat "$temp/err")" "" "nothing on stderr"
ok "summary.txt is what was printed" cmp "$temp/said" "$temp/good/summary.txt"
is "$(grep -c '^PASS' "$temp/said") $(grep -c '^FAIL' "$temp/said" || true)" "41 0" "every check passes"
is "$(tail -n 1 "$temp/said")" "41 checks passed, 0 failed" "and they are counted"
is "$(awk '$1 == 4 && $2 == 400' "$temp/said" | tr -s ' ')" " 4 400 400 800 4000 5664 12.000 333.3" \
    "parameters, gradients, states, activations, peak, step time and throughput at batch 4"
is "$(awk '$1 == 4 && $2 == 400 { getline; print $6 }' "$temp/said")" 9664 "peak at batch 8, in ascending order"
ok "the activations' line" said "activations = 0.001 MiB x batch +0.000 MiB   (r2 1.000000, 0.0000 % off at worst)"
ok "the step time's line" said "step time   = 3.000 ms x batch +0.000 ms   (r2 1.000000)"

# what is wrong | file of batch 4 | a perl edit of its text in $_ | the line that fails
while IFS='|' read -r wrong file edit expected; do
    rm -rf "$temp/bad"
    cp -r "$temp/good" "$temp/bad"
    perl -0777 -pi -e "$edit" "$temp/bad/batch_004/$file"
    is "$(status_of analyse "$temp/bad" 2>&1 >"$temp/said"; tail -n 1 "$temp/said")" 1 "$wrong: exit status 1"
    ok "$wrong: the line says so" said "$expected"
done <<'TABLE'
a parameter too small|nodes.csv|s/(,parameter,api.*)/$_ = $1; s{\b400\b}{396}g; $_/e|FAIL  batch_004  parameters: 396 bytes, expected 100 x 4 = 400
gradients other than parameters|nodes.csv|s/(,gradient,api.*)/$_ = $1; s{\b400\b}{404}g; $_/e|FAIL  batch_004  gradients: 404 bytes, expected the parameters' 400
one state too few|nodes.csv|s/[^\n]*exp_avg_sq[^\n]*\n//|FAIL  batch_004  optimizer state: 400 bytes in 1 tensors, expected 2 x the parameters = 800
roles that do not add up|nodes.csv|s/,5200,5200,/,5200,5201,/|FAIL  batch_004  roles add up to the peak in every node: not in 1 of 6, first in forward/a: 5200 and 5201 bytes
a bar that does not stack|nodes.csv|s/,5664,/,5665,/|FAIL  batch_004  bar stacks to the peak: 5664 of 5665 bytes in backward/a
a tensor missing at the peak|tensors.csv|s/[^\n]*workspace[^\n]*\n//|FAIL  batch_004  tensors live at the peak, role by role: 5 tensors, 5600 bytes, expected 5664; differs in workspace
a tensor in another role|tensors.csv|s/workspace,operand/other,none/|6 tensors, 5664 bytes, expected 5664; differs in workspace
a pool that held more|summary.json|s/("pool_used_high_bytes": )\d+/${1}5665/|FAIL  batch_004  peak as recorded and the pool's high water: 5664 and 5665 bytes, 1 apart, expected 0 to 0
a pool that held less|summary.json|s/("pool_used_high_bytes": )\d+/${1}5663/|-1 apart, expected 0 to 0
a higher peak outside the median step|summary.json|s/("recorded_peak_bytes": )\d+/${1}5670/|FAIL  batch_004  peak of the median step and of the whole run: 5664 and 5670 bytes, 6 apart, expected 0 to 0
bytes without a role|nodes.csv|s/,64,0,0,0\n/,0,0,0,64\n/|FAIL  batch_004  bytes at the peak that have a role: 98.870 %, expected at least 99 %
an activation used backward too early|tensors.csv|s/a\.y(.*),0,0,1,1,1,/a.y$1,0,1,1,1,1,/|FAIL  batch_004  first backward use after last forward use: 0 of 1 activations, not a.y
no activation at all|tensors.csv|s/a\.y(.*),0,0,1,1,1,/a.y$1,-1,-1,-1,-1,1,/|FAIL  batch_004  first backward use after last forward use: 0 of 0 activations
events lost|summary.json|s/("events_lost": )0/${1}7/|FAIL  batch_004  events lost: 7
balance violations|summary.json|s/("balance_violations": )0/${1}1/|FAIL  batch_004  balance violations: 1
activations off the line|nodes.csv|s/,4000,/,4100,/g|FAIL  sweep      activations on a line over batch size:
a step time that falls|nodes.csv|s/(\d)\.000000,0\.000000,host/1000$1.000000,0.000000,host/g|FAIL  sweep      step time grows with batch size:
TABLE

# On a card the pool rounds each tensor up to 512 bytes: 6 live ones, up to 3066 bytes.
for apart in 3066:0 3067:1; do
    rm -rf "$temp/card"
    cp -r "$temp/good" "$temp/card"
    perl -pi -e 's/softgpu:0/cuda:0/g' "$temp"/card/*/*.csv
    perl -pi -e 's/("pool_used_high_bytes": )\d+/$1 . (5664 + '"${apart%:*}"')/e' "$temp/card/batch_004/summary.json"
    for size in 2 8; do perl -pi -e 's/("pool_used_high_bytes": )\d+/$1 . (1664 + '"$size"'000)/e' "$temp/card/batch_00$size/summary.json"; done
    is "$(status_of analyse "$temp/card" | tail -n 1)" "${apart#*:}" "cuda: a pool that is ${apart%:*} bytes above gives ${apart#*:}"
done
# There the times are the card's own, and lie roughly on a line.
cp -r "$temp/card" "$temp/line"
perl -pi -e 's/(\d)\.000000,0\.000000,host/1$1.000000,0.000000,host/g' "$temp/line/batch_004/nodes.csv"
is "$(status_of analyse "$temp/line" >"$temp/said"; grep -c '^FAIL  sweep      step time grows with batch size, roughly on a line:' "$temp/said")" 1 \
    "cuda: a step time off the line fails"

# Without a pool the driver's figure in the probed step counts: within 4 MiB, on softgpu to the byte.
for device in cuda:4194304:0 cuda:4194305:1 softgpu:0:0 softgpu:1:1 softgpu:-1:1; do
    IFS=: read -r kind apart status <<<"$device"
    rm -rf "$temp/malloc"
    cp -r "$temp/good" "$temp/malloc"
    perl -pi -e "s/cudaMallocAsync/cudaMalloc/; s/softgpu:0/$kind:0/g" "$temp"/malloc/*/*.csv
    perl -pi -e 's/("probe_driver_used_bytes": )\d+/$1 . (5664 + 1700 + '"$apart"')/e' "$temp/malloc/batch_004/summary.json"
    is "$(status_of analyse "$temp/malloc" >"$temp/said"; tail -n 1 "$temp/said")" "$status" \
        "$kind: a driver $apart bytes above gives $status"
    is "$(grep -o "in step 0: .* apart" "$temp/said" | sed -n 2p)" \
        "in step 0: 5664 and $((5664 + apart)) bytes, $apart apart" "$kind: both figures stand there"
done
perl -pi -e 's/("probe_driver_used_bytes": )\d+/$1-1/' "$temp"/malloc/*/summary.json
perl -pi -e 's/softgpu:0/cuda:0/g' "$temp"/malloc/*/*.csv
is "$(status_of analyse "$temp/malloc" | tail -n 1)" 0 "where no step was probed there is nothing to hold it against"
is "$(grep -c '^SKIP.*no step was probed' "$temp/malloc/summary.txt")" 3 "and the summary says so"

# A reference: within 10 MiB.
perl tests/front/make-small.pl "$temp/reference" 2 4 8
is "$(status_of analyse "$temp/good" --reference "$temp/reference" | tail -n 1)" 0 "the same as its reference"
perl -pi -e 's/,5664,/,10491424,/ and s/,4000,/,10489760,/' "$temp/reference/batch_004/nodes.csv"
is "$(status_of analyse "$temp/good" --reference "$temp/reference" | tail -n 1)" 0 "10 MiB from its reference"
perl -pi -e 's/,10491424,/,10491425,/ and s/,10489760,/,10489761,/' "$temp/reference/batch_004/nodes.csv"
is "$(status_of analyse "$temp/good" --reference "$temp/reference" >"$temp/said"; tail -n 1 "$temp/said")" 1 "a byte more: exit status 1"
is "$(grep '^FAIL' "$temp/said" | sed 's/ beside.*//' | tr '\n' ';')" "FAIL  batch_004  peak;FAIL  batch_004  activation;" "in peak and role"

refused() { # refused PATTERN ARGUMENT...: exit status 2, one line on stderr, nothing on stdout, no summary
    local pattern=$1
    shift
    rm -f "$temp/good/summary.txt"
    is "$(status_of "$graphprof" batch_memory_analysis "$@" 2>"$temp/err")" 2 "$pattern: exit status 2"
    is "$(wc -l <"$temp/err")" 1 "one line"
    ok "that says so" grep -qF -- "$pattern" "$temp/err"
    ok "and no summary" test ! -e "$temp/good/summary.txt"
}
refused "option '--batch-sizes' is needed" --reports "$temp/good"
refused "option '--batch-sizes': expected a whole number from 1 to 1000000, not '4x'" --batch-sizes 4x
refused "option '--batch-sizes': expected a whole number from 1 to 1000000, not '0'" --batch-sizes 4 0
refused "option '--batch-sizes': 4 is given twice" --batch-sizes 4 8 4
refused "option '--optimizer': expected sgd or adam, not 'lion'" --batch-sizes 2 --optimizer lion
refused "option '--expect-parameters': expected a whole number" --batch-sizes 2 --expect-parameters -5
refused "option '--reports' needs a value" --batch-sizes 2 --reports
refused "unknown option '--frob'" --batch-sizes 2 --frob
refused "unexpected argument 'x'" --reports "$temp/good" x
refused "batch_016/nodes.csv:1: expected a file that can be read" --batch-sizes 2 16 --reports "$temp/good"
for bad in 'x|1: expected JSON' '{"events_lost": }|1: expected JSON' '{}|1: field events_lost: expected a whole number, found none' \
    '{"events_lost": 0.5}|1: field events_lost: expected a whole number, found another value'; do
    printf '%s\n' "${bad%|*}" >"$temp/good/batch_004/summary.json"
    refused "summary.json:${bad#*|}" --batch-sizes 4 --reports "$temp/good"
done
done_testing
