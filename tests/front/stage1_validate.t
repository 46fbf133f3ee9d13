#!/usr/bin/env bash
# stage1_validate.sh: what it refuses before anything runs, and a small sweep from end to end.
set -euo pipefail
. tests/tap.sh
build=${BUILD:-build}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
for built in graphprof libgraphprof.so resnet152; do
    [ -e "$build/$built" ] || skip_all "$build/$built is not built"
done

refused() { # refused MESSAGE ARGUMENT...: exit status 2, that line alone on stderr, and no reports
    local message=$1
    shift
    is "$(status_of ./stage1_validate.sh --out "$temp/none" "$@" 2>"$temp/err" | tail -n 1)" 2 "$message: exit status 2"
    is "$(cat "$temp/err")" "stage1_validate.sh: $message" "$message: that line alone"
    ok "$message: nothing is made" test ! -e "$temp/none"
}
refused "unknown option '--frob'; --help lists them" --frob
refused "unknown option '4'; --help lists them" 4
refused "option '--steps' needs a value" --steps
refused "option '--batch-sizes' needs at least one value" --batch-sizes --no-plots
refused "option '--batch-sizes': expected a whole number from 1 to 999999, not '4.5'" --batch-sizes 4.5
refused "option '--image-size': expected a whole number from 1 to 999999, not '0'" --image-size 0
refused "option '--steps': expected a whole number from 1 to 999999, not '-1'" --steps -1
refused "option '--optimizer': expected one of sgd adam, not 'lion'" --optimizer lion
refused "option '--allocator': expected one of async malloc, not 'mmap'" --allocator mmap
refused "option '--layout': expected one of nchw nhwc, not 'NCHW'" --layout NCHW
refused "option '--precision': expected one of fp32 tf32, not 'fp8'" --precision fp8
refused "option '--reference': no folder '$temp/no'" --no-plots --reference "$temp/no"
touch "$temp/file"
is "$(status_of ./stage1_validate.sh --no-plots --out "$temp/file" 2>"$temp/err" | tail -n 1)" 2 "a file for a folder: exit status 2"
is "$(cat "$temp/err")" "stage1_validate.sh: option '--out': cannot write to '$temp/file'" "that line alone"

mkdir "$temp/bin"
for tool in dirname env bash head tail sort mktemp rm mkdir; do ln -s "$(command -v $tool)" "$temp/bin/$tool"; done
is "$(PATH=$temp/bin status_of ./stage1_validate.sh --out "$temp/none" 2>"$temp/err" | tail -n 1)" 2 "without gnuplot: exit status 2"
is "$(cat "$temp/err")" "stage1_validate.sh: gnuplot is missing: apt-get install gnuplot-nox, or give --no-plots" "that line alone"
ok "and nothing has run" test ! -e "$temp/none"
cp stage1_validate.sh "$temp/"
is "$(status_of "$temp/stage1_validate.sh" 2>&1 | tr '\n' ' ')" \
    "stage1_validate.sh: build/graphprof is missing: run \`make\` 2 " "without binaries it says what to run"
is "$(status_of ./stage1_validate.sh --help | tail -n 1)" 0 "--help"

[ -e "$build/softgpu/libcudnn.so.9" ] || [ "$("$build/graphprof" run --show-device)" = cuda ] || {
    skip "a small sweep" "softgpu is not built"
    done_testing
    exit 0
}
plots=()
pictures=5
command -v gnuplot >/dev/null || {
    plots=(--no-plots)
    pictures=0
}
sweep() { ./stage1_validate.sh --out "$temp/reports" --batch-sizes 16 2 --image-size 32 --steps 2 "${plots[@]}" "$@"; }
status=$(status_of sweep 2>"$temp/err" >"$temp/said"; tail -n 1 "$temp/said")
# how the time grows on a busy machine is not for a test to say
is "$(grep '^FAIL' "$temp/said" | grep -vc 'step time grows' || true)" 0 "a small sweep: every check passes"
is "$(grep -c '^PASS  batch_0' "$temp/said")" 26 "thirteen of them a batch size"
is "$status" "$(if grep -q '^FAIL' "$temp/said"; then echo 1; else echo 0; fi)" "the exit status tells"
is "$(cat "$temp/err")" "" "nothing on stderr"
is "$(grep -c '^\[[12]/2\] batch' "$temp/said")" 2 "a line of progress a batch size"
contents() { # of a folder, by kind
    local kind
    for kind in csv png json gpcap txt; do printf '%s ' "$(find "$1" -maxdepth 1 -type f -name "*.$kind" | wc -l)"; done
    find "$1" -maxdepth 1 -type f | wc -l
}
for batch in batch_002 batch_016; do
    is "$(contents "$temp/reports/$batch")" "2 $pictures 1 1 0 $((pictures + 4))" "$batch: two CSVs, its pictures, summary, capture, no more"
done
is "$(contents "$temp/reports")" "0 $pictures 0 0 1 $((pictures + 1))" "reports: its pictures and summary.txt, no more"
is "$(find "$temp/reports" -mindepth 1 -type d | wc -l)" 2 "and the batch folders"
ok "summary.txt is what was printed last" cmp "$temp/reports/summary.txt" <(tail -n "$(($(wc -l <"$temp/reports/summary.txt") + 1))" "$temp/said" | sed '$d')
mv "$temp/reports" "$temp/first"
cp -r "$temp/first" "$temp/reports"
is "$(status_of sweep --no-plots --reference "$temp/first" 2>&1 | grep '^FAIL' | grep -vc 'step time grows' || true)" 0 \
    "a second run beside the first as its reference"
is "$(find "$temp/reports" -name '*.png')" "" "old pictures do not stay beside new numbers"
done_testing
