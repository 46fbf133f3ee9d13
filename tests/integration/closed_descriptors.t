#!/usr/bin/env bash
# stdin, stdout and stderr closed: no file of the recorder's takes their numbers, and nothing that it
# has to say goes into a file of the program's that has taken them.
. tests/integration/lib.sh
expected=$(for i in 0 1 2; do echo "file $i is descriptor $i, 0 failures"; done)
run() { # run DESCRIPTION OUT NAME
    local status=0
    (GRAPHPROF_VERBOSE=2 recorded "$2" "$programs/closed_descriptors" "$temp/$3".{0,1,2} <&- >&- 2>&-) ||
        status=$?
    is "$status" 0 "$1: the program ends well"
    is "$(cat "$temp/$3".{0,1,2})" "$expected" "$1: its files have the numbers and the text they should"
}
run "recording" "$temp/out" recording
is "$(events "$temp/out" | head -1)" "header closed whole lost=0" "recording: the capture is whole"
echo >"$temp/file"
run "with something to complain of" "$temp/file/out" complaining
GRAPHPROF_REPORT=yes
run "with the report at exit" "$temp/reported" reporting
ok "with the report at exit: it was made" test -s "$temp/reported/nodes.csv"
done_testing
