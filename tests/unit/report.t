#!/usr/bin/env bash
# graphprof report and dump at the command line: exit statuses, one line a fault, no half-made files.
# Captures are written by build/tests/unit/write_training.
set -uo pipefail
build=${BUILD:-build}
graphprof=$build/graphprof
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
n=0

ok() {
    n=$((n + 1))
    if [ "$1" -eq 0 ]; then echo "ok $n - $2"; else echo "not ok $n - $2"; fi
}

# expect STATUS 'PATTERN' WHAT COMMAND...: the exit status, and one line on stderr if a pattern is given.
expect() {
    local status=$1 pattern=$2 what=$3 found good=0
    shift 3
    "$@" >"$folder/stdout" 2>"$folder/stderr"
    found=$?
    [ "$found" -eq "$status" ] || good=1
    if [ -n "$pattern" ]; then
        grep -q -e "$pattern" "$folder/stderr" || good=1
        [ "$(wc -l <"$folder/stderr")" -eq 1 ] || good=1
    else
        [ ! -s "$folder/stderr" ] || good=1
    fi
    [ "$good" -eq 0 ] || sed "s/^/# status $found: /" "$folder/stderr"
    ok $good "$what"
}

absent() {
    [ ! -e "$1" ]
    ok $? "no $(basename "$1")"
}

capture=$folder/capture.gpcap
"$build/tests/unit/write_training" 4 >"$capture"
size=$(stat -c %s "$capture")

expect 0 '' 'a whole capture' "$graphprof" report "$capture" -o "$folder/out/deep"
grep -q '^peak on softgpu:0: 0.00 MiB in backward/conv$' "$folder/stdout"
ok $? 'the summary names the peak'
grep -Eq '^the recorder itself: [0-9.]+ ms in all, [1-9][0-9]* records in [0-9.]+ MiB, [0-9.]+ KB a step, 0 events lost$' \
    "$folder/stdout"
ok $? 'and what recording cost'
expect 0 '' 'its CSVs are whole' "$graphprof" check_csv "$folder/out/deep"
[ "$(find "$folder/out/deep" -type f -printf '%f\n' | sort | tr '\n' ' ')" = 'nodes.csv summary.json tensors.csv ' ]
ok $? 'three files and nothing else'
expect 0 '' 'the folder stands for its capture, files come beside it' \
    "$graphprof" report --quiet "$folder"
[ ! -s "$folder/stdout" ] && cmp -s "$folder/nodes.csv" "$folder/out/deep/nodes.csv"
ok $? 'quiet, and the same again'
rm -f "$folder"/*.csv

expect 2 "unknown option '--foo'" 'an unknown option' "$graphprof" report --foo "$capture"
expect 2 'expected a capture, found none' 'no capture' "$graphprof" report
expect 2 'expected -o DIR with several captures, found 2' 'two captures' "$graphprof" report a b
expect 2 "option '-o' needs a value" 'a value is missing' "$graphprof" report "$capture" -o
expect 2 'missing: cannot open' 'a capture that is not there' "$graphprof" report "$folder/missing"
expect 2 "byte 0: expected a capture's magic" 'another file' \
    "$graphprof" report /bin/sh -o "$folder/none"
head -c 60 "$capture" >"$folder/short"
expect 2 'found 60 bytes' 'a cut header' "$graphprof" report "$folder/short" -o "$folder/none"
head -c 2000 "$capture" >"$folder/cut"
expect 1 'no complete step' 'a cut first step' "$graphprof" report "$folder/cut" -o "$folder/none"
expect 1 "no range matches 'x\*'" 'steps that do not exist' \
    "$graphprof" report --step 'x*' "$capture" -o "$folder/none"
absent "$folder/none"

head -c $((size - 16)) "$capture" >"$folder/cut"
expect 0 '' 'a capture whose last step is cut' "$graphprof" report "$folder/cut" -o "$folder/cut_out"
grep -q '"steps_complete": 3,' "$folder/cut_out/summary.json"
ok $? 'the complete steps are reported'

cp "$capture" "$folder/corrupt"
printf '\1\0\0\0\0\0\0\0' >>"$folder/corrupt"
expect 1 "corrupt: byte $size: corrupt record" 'a corrupt record at the end' \
    "$graphprof" report "$folder/corrupt" -o "$folder/corrupt_out"
cmp -s "$folder/corrupt_out/nodes.csv" "$folder/out/deep/nodes.csv"
ok $? 'what stands before it is reported'

touch "$folder/file"
expect 1 "cannot write '$folder/file'" 'a file in the place of the folder' \
    "$graphprof" report "$capture" -o "$folder/file"
mkdir "$folder/full" "$folder/full/tensors.csv"
expect 1 "cannot write '$folder/full/tensors.csv'" 'a folder in the place of a file' \
    "$graphprof" report "$capture" -o "$folder/full"
[ -z "$(find "$folder/full" -type f)" ]
ok $? 'no file is left'

expect 0 '' 'dump' "$graphprof" dump "$capture"
grep -q '^[0-9]* [0-9]* 0 ALLOC address=0x10000 bytes=400 device=0 space=device stream=0 api="cudaMalloc"$' \
    "$folder/stdout"
ok $? 'a line of it'
[ "$(grep -c ' CALL api="cudnnConvolutionForward"' "$folder/stdout")" -eq 4 ]
ok $? 'as many calls as were made'
expect 1 'corrupt record' 'dump of a corrupt capture' "$graphprof" dump "$folder/corrupt"
expect 2 'cannot open' 'dump of nothing' "$graphprof" dump "$folder/missing"
expect 0 '' 'help' "$graphprof" report --help
echo "1..$n"
