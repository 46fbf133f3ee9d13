#!/usr/bin/env bash
# A report of a capture of some hundred steps and one of a quarter of them say the same of a step,
# and reading the longer one takes no memory for the file.
set -euo pipefail
source tests/tap.sh
build=${BUILD:-build}
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# GNU time, where it is installed, says how much memory was used.
time=$(type -P time || true)

for events in 750000 3000000; do
    mkdir "$folder/$events"
    measured=(${time:+"$time" -f %M -o "$folder/$events/kb"})
    "$build/tests/scale/write_long_capture" "$events" >"$folder/$events/capture.gpcap" 2>"$folder/$events/said"
    is "$(status_of "${measured[@]}" "$build/graphprof" report --quiet "$folder/$events")" 0 \
        "$events events: a report whose books balance"
done

# Without the columns that count steps.
of_a_step() { cut -d, -f1-6,8- "$1/nodes.csv"; }
is "$(of_a_step "$folder/3000000" | md5sum)" "$(of_a_step "$folder/750000" | md5sum)" \
    'the nodes are the same, however long the capture'
is "$(wc -l <"$folder/3000000/tensors.csv")" "$(wc -l <"$folder/750000/tensors.csv")" 'as are the tensors'
if [ -n "$time" ]; then
    ok 'reading takes less memory than the file is long' \
        [ "$(cat "$folder/3000000/kb")" -lt $(($(stat -c %s "$folder/3000000/capture.gpcap") / 1024)) ]
else
    skip 'reading takes less memory than the file is long' 'GNU time is not installed'
fi
done_testing
