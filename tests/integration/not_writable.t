#!/usr/bin/env bash
# GRAPHPROF_OUT where nothing can be written: one line says so, the program runs on untouched.
. tests/integration/lib.sh
echo "not a folder" >"$temp/file"

refused() { # refused DESCRIPTION OUT
    local status
    status=$(status_of recorded "$2" "$programs/errno_kept" 2>"$temp/stderr" | tr '\n' ' ')
    is "$status" "errno was kept 0 " "$1: the program runs on"
    is "$(wc -l <"$temp/stderr")" 1 "$1: one line on stderr"
    ok "$1: which names the folder" grep -qF -- "$2" "$temp/stderr"
    ok "$1: and the recorder" grep -q '^graphprof: ' "$temp/stderr"
}
refused "a file in the way" "$temp/file/out"
refused "a file of that name" "$temp/file"
refused "a file system that takes none" /proc/graphprof
is "$(cat "$temp/file")" "not a folder" "the file is as it was"
if [ "$(id -u)" -ne 0 ]; then
    mkdir -m 555 "$temp/locked"
    refused "a folder that may not be written" "$temp/locked/out"
else
    skip "a folder that may not be written" "root may"
fi
mkdir -p "$temp/taken/capture.gpcap"
refused "a folder named as the capture" "$temp/taken"
done_testing
