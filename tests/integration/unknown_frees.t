#!/usr/bin/env bash
# Unknown frees are counted, never asserted; refused ones change nothing.
. tests/integration/lib.sh
expected=$(printf '%s\n' "1 1 0 1 0" "1 1 0 1 0 0" "1 1 0 1 0")
is "$(bare "$programs/unknown_frees")" "$expected" "without the recorder"
is "$(recorded "$temp/out" "$programs/unknown_frees")" "$expected" "with the recorder"
events "$temp/out" >"$temp/events"
is "$(count ' free ' <"$temp/events")" 13 "frees of null pointers are not noted, all others are"
is "$(count ' free_failed ' <"$temp/events")" 9 "the refused ones are taken back"
ok "a report can be made" report "$temp/out" "$temp/out"
is "$(summary "$temp/out" unknown_frees)" 1 "which counts the one unknown free"
done_testing
