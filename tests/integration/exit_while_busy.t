#!/usr/bin/env bash
# exit() while threads are in the middle of calls: the program ends as it would, and the capture can be
# read up to its end.
. tests/integration/lib.sh
for i in 1 2 3 4 5 6 7 8 9 10; do
    out=$temp/$i
    is "$(status_of recorded "$out" "$programs/exit_while_busy" | tr '\n' ' ')" "leaving 5 " \
        "run $i ends as it should"
    events "$out" >"$temp/events"
    is "$(head -1 "$temp/events" | cut -d' ' -f2-3)" "closed whole" "run $i closes its capture"
    is "$(awk '$2 == "alloc" { if ($6 in live) wrong++; live[$6] = 1 }
               $2 == "free" { if (!($4 in live)) wrong++; delete live[$4] }
               END { n = 0; for (a in live) n++; print wrong + 0, n <= 8 }' "$temp/events")" "0 1" \
        "run $i: at most a block a thread is left"
    rm -r "$out"
done
# A thread may still be making the capture then, or have made none.
for i in 1 2 3 4 5 6 7 8 9 10; do
    out=$temp/at_once.$i
    is "$(status_of recorded "$out" "$programs/exit_while_busy" at_once | tr '\n' ' ')" "leaving 5 " \
        "run $i at once ends as it should"
    if [ -e "$(capture "$out")" ]; then
        is "$(events "$out" | head -1 | cut -d' ' -f2-3)" "closed whole" \
            "run $i at once: what there is of a capture is closed"
    fi
done
done_testing
