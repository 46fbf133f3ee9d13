#!/usr/bin/env bash
# Threads that exit while others allocate: no event is lost, and the ledger ends balanced.
. tests/integration/lib.sh
said=$(recorded "$temp/out" "$programs/allocating_threads")
blocks=${said%% *}
is "$said" "$blocks blocks, 0 failures" "256 threads end well"
events "$temp/out" >"$temp/events"
is "$(head -1 "$temp/events")" "header closed whole lost=0" "nothing was lost"
is "$(count ' alloc ' <"$temp/events")" "$blocks" "every allocation is there"
is "$(count ' free ' <"$temp/events")" "$blocks" "every free is there"
is "$(count ' push work' <"$temp/events")" "$((blocks / 8))" "every range is there"
is "$(count ' pop' <"$temp/events")" "$((blocks / 8))" "and its end"
is "$(awk '$2 == "alloc" { if ($6 in live) twice++; live[$6] = 1 }
           $2 == "free" { if (!($4 in live)) unknown++; delete live[$4] }
           END { n = 0; for (a in live) n++; print n + 0, twice + 0, unknown + 0 }' "$temp/events")" \
    "0 0 0" "in the capture's order no address is live twice, none is freed unknown, none is left"
is "$(awk '/push|pop/ { if (/push/) open[$1]++; else if (--open[$1] < 0) wrong++ }
           END { for (t in open) wrong += open[t] != 0; print wrong + 0 }' "$temp/events")" \
    0 "each thread's ranges close"
done_testing
