#!/usr/bin/env bash
# Steps in which several threads allocate at once, in an order of chance, are taken back as well: what
# is live at the end is what the program says, and no free is of a block that was not live.
. tests/integration/lib.sh
steps=3000
ok "the program runs" recorded "$temp/out" "$programs/long_threads" "$steps"
ok "a report can be made" report "$temp/out" "$temp/out"
is "$(summary "$temp/out" steps_complete)" "$steps" "all steps are complete"
is "$(summary "$temp/out" events_lost)" 0 "no event is lost"
is "$(summary "$temp/out" recorded_end_bytes)" 3000000 "3000000 bytes are live at the end"
is "$(summary "$temp/out" unknown_frees) $(summary "$temp/out" missed_frees)" "0 0" \
    "each free is of a block that was live"
is "$(summary "$temp/out" balance_violations)" 0 "the books close at every event"
events "$temp/out" >"$temp/events"
ok "another reader finds nothing wrong" [ -s "$temp/events" ]
echo "# thinned: $(summary "$temp/out" steps_thinned), $(stat -c %s "$(capture "$temp/out")") bytes"
# Of 3000 steps 256 + 128 * 3 + 59 are chosen (as many in 256-511, 512-1023, 1024-2047; each 16th of
# the rest). Orders of the threads that are new may be kept as well, and a step that could not be read.
ok "most steps behind the first 256 were taken back" [ "$(summary "$temp/out" steps_thinned)" -gt 1000 ]
done_testing
