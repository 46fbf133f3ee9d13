#!/usr/bin/env bash
# A program that closes all descriptors and uses their numbers itself: the recorder goes on in its own
# file and leaves the program's alone.
. tests/integration/lib.sh
is "$(bare "$programs/close_all")" "its files are intact" "without the recorder"
is "$(recorded "$temp/out" "$programs/close_all")" "its files are intact" "with the recorder"
events "$temp/out" >"$temp/events"
is "$(head -1 "$temp/events")" "header closed whole lost=0" "the capture is closed in good order"
is "$(count ' alloc ' <"$temp/events")" 60010 "with every allocation"
done_testing
