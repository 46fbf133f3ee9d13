#!/usr/bin/env bash
# `graphprof run` around programs that make no CUDA call: its options, and that exit status, signals,
# output and environment are the program's own. (Those that do: tests/integration/ending.t.)
# shellcheck disable=SC2016 # the scripts in single quotes are for other shells
set -euo pipefail
# Where the tests run in the background these two come ignored, and a shell cannot take that back.
[ -n "${SIGNALS_AS_USUAL:-}" ] ||
    SIGNALS_AS_USUAL=1 exec perl -e '$SIG{$_} = "DEFAULT" for qw(INT QUIT); exec @ARGV' bash "$0" "$@"
. tests/tap.sh
build=$PWD/${BUILD:-build}
graphprof=$build/graphprof
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
ulimit -c 0
[ -e "$build/libgraphprof.so" ] || skip_all "libgraphprof.so is not built"
run() { "$graphprof" run --softgpu no -o "$temp/out" "$@"; }
lines() { wc -l <"$1" | tr -d ' '; }

for status in 0 1 3 127 255; do
    is "$(status_of run -- sh -c "exit $status" 2>/dev/null)" "$status" "exit status $status"
done
is "$(status_of run sh -c "exit 5" 2>/dev/null)" 5 "without --"
for signal in TERM INT KILL SEGV; do
    number=$(kill -l "$signal")
    is "$(status_of run -- sh -c "kill -$signal \$\$" 2>/dev/null)" $((128 + number)) "ended by SIG$signal"
done
is "$(perl -e 'system @ARGV; print $? & 127' "$graphprof" run --softgpu no -o "$temp/out" -- \
    sh -c 'kill -TERM $$' 2>/dev/null)" 15 "and it ends by the same signal itself"

for signal in HUP INT QUIT TERM USR1 USR2; do
    rm -f "$temp/said"
    "$graphprof" run --softgpu no -o "$temp/out" -- perl -e '
        $SIG{$ARGV[0]} = sub { exit 42 }; $| = 1; print "ready\n"; sleep 30; exit 1' "$signal" \
        >"$temp/said" 2>/dev/null &
    until grep -qs ready "$temp/said"; do sleep 0.02; done
    kill "-$signal" $!
    status=0
    wait $! || status=$?
    is "$status" 42 "SIG$signal is sent on"
done

printf 'a\0b\r\nc' >"$temp/in"
run -- cat <"$temp/in" >"$temp/copy" 2>"$temp/err"
ok "standard input and output pass byte for byte" cmp "$temp/in" "$temp/copy"
is "$(lines "$temp/err")" 1 "no capture: one line says so"
ok "and which folder was meant" grep -q "no capture in '$temp/out'" "$temp/err"
ok "an empty folder of its own is not left" test ! -e "$temp/out"

is "$(LD_PRELOAD=libm.so.6 run -- sh -c 'echo $LD_PRELOAD' 2>/dev/null)" "$build/libgraphprof.so:libm.so.6" \
    "an LD_PRELOAD of the user's is kept, behind ours"
if [ -d "$build/python" ]; then
    is "$(PYTHONPATH=/x run -- sh -c 'echo $PYTHONPATH' 2>/dev/null)" "$build/python:/x" "so is a PYTHONPATH"
fi
is "$(GRAPHPROF_PYTHON=no PYTHONPATH=/x run -- sh -c 'echo $PYTHONPATH' 2>/dev/null)" /x \
    "which is left alone with GRAPHPROF_PYTHON=no"
is "$(run -- sh -c 'echo $GRAPHPROF_OUT $GRAPHPROF_REPORT' 2>/dev/null)" "$temp/out no" "the recorder's options"
is "$("$graphprof" run --softgpu no -o "$temp/50%" -- sh -c 'echo $GRAPHPROF_OUT' 2>/dev/null)" "$temp/50%%" \
    "a percent sign in the folder's name is not an escape"
if [ -d "$build/softgpu" ]; then
    is "$(LD_LIBRARY_PATH=/x "$graphprof" run --softgpu yes -o "$temp/out" -- sh -c 'echo $LD_LIBRARY_PATH' 2>"$temp/err")" \
        "$build/softgpu:/x" "--softgpu yes: softgpu comes first"
    is "$(lines "$temp/err")" 1 "and nothing is said of it"
    CUDA_VISIBLE_DEVICES='' "$graphprof" run -o "$temp/out" -- true 2>"$temp/err"
    is "$(grep -c 'no CUDA driver answers: using softgpu' "$temp/err")" 1 "--softgpu auto without a device: one line says so"
else
    skip "--softgpu" "softgpu is not built"
fi
is "$(CUDA_VISIBLE_DEVICES='' "$graphprof" run --show-device)" softgpu "--show-device without a device"

mkdir "$temp/stale"
touch "$temp/stale/capture.gpcap" "$temp/stale/capture.123.gpcap" "$temp/stale/nodes.csv" "$temp/stale/tensors.csv" "$temp/stale/summary.json" "$temp/stale/mine"
"$graphprof" run --softgpu no -o "$temp/stale" -- true 2>/dev/null
is "$(ls "$temp/stale")" mine "files of an earlier run are removed, others stay"

refused() { # refused STATUS PATTERN ARGUMENT...: one line on stderr, nothing on stdout
    local expected=$1 pattern=$2
    shift 2
    is "$(status_of "$graphprof" run "$@" 2>"$temp/err")" "$expected" "run $*: exit status $expected"
    is "$(lines "$temp/err")" 1 "one line"
    ok "that says: $pattern" grep -q -- "$pattern" "$temp/err"
}
refused 127 "cannot run 'no-such-command'" --softgpu no -o "$temp/x" -- no-such-command
refused 126 "cannot run '$temp/in'" --softgpu no -o "$temp/x" -- "$temp/in"
refused 2 "no command given"
refused 2 "unknown option '--frob'" --frob true
refused 2 "unknown option '-z'" -z true
refused 2 "option '-o' needs a value" -o
refused 2 "option '--softgpu': expected auto, yes or no, not 'maybe'" --softgpu maybe true
touch "$temp/file"
refused 2 "cannot write to the folder '$temp/file'" -o "$temp/file" true
ok "a folder that was made for nothing is gone" test ! -e "$temp/x"

"$graphprof" run --help >"$temp/help"
sed -n 's/^GP_OPTION([A-Z]*, "\([A-Z_]*\)".*/\1/p' include/graphprof/options.def >"$temp/options"
while read -r option; do
    ok "--help tells of $option" grep -q "^  $option (default " "$temp/help"
done <"$temp/options"
done_testing
