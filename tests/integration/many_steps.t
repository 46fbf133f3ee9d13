#!/usr/bin/env bash
# A run of 100,000 steps: the capture stays small since few steps are recorded in detail, nothing is
# lost, and the ledger is right in every step.
. tests/integration/lib.sh
steps=100000
ok "the program runs" recorded "$temp/out" "$programs/many_steps" "$steps"
bytes=$(stat -c %s "$(capture "$temp/out")")
echo "# capture: $((bytes / 1000)) kB"
ok "its capture is smaller than 256 MB" [ "$bytes" -lt 256000000 ]
ok "a report can be made" report "$temp/out" "$temp/out"
is "$(summary "$temp/out" events_lost)" 0 "no event is lost"

# The ledger by hand: live bytes behind each step, the steps' peaks, and who was recorded in detail.
"$graphprof" dump "$(capture "$temp/out")" | awk '
    $4 == "ALLOC" && /space=device/ {
        split($5, a, "="); split($6, b, "="); size[a[2]] = b[2]; live += b[2]
        if (live > peak) peak = live
    }
    $4 == "FREE" { split($5, a, "="); live -= size[a[2]]; delete size[a[2]] }
    $4 == "RANGE_PUSH" && /"step / { number = $6; sub(/"/, "", number); open = 1; peak = live; depth = 0; next }
    $4 == "RANGE_PUSH" && open { depth++; if (/"forward"/) detailed[number] = 1 }
    $4 == "RANGE_POP" && open && depth-- == 0 {
        open = 0
        n++
        if (peak != (number % 1000 == 500 ? 4096 + 1000000 : 4096 + 6000)) wrong_peaks++
        if (live != 4096) wrong_ends++
    }
    END {
        for (step in detailed) n_detailed++
        print "steps", n, "wrong peaks", wrong_peaks + 0, "wrong ends", wrong_ends + 0, "live", live
        print "first change", detailed[500] + 0, "next", detailed[501] + 0 > "/dev/stderr"
        print n_detailed > "'"$temp/detailed"'"
    }' >"$temp/ledger" 2>"$temp/change"
is "$(cat "$temp/ledger")" "steps $steps wrong peaks 0 wrong ends 0 live 4096" \
    "the ledger is right in every step, and at the end"
echo "# steps in detail: $(cat "$temp/detailed")"
ok "more than a thousand steps were recorded in detail" [ "$(cat "$temp/detailed")" -gt 1000 ]
ok "and fewer than two thousand" [ "$(cat "$temp/detailed")" -lt 2000 ]
is "$(cat "$temp/change")" "first change 1 next 1" "the step behind one with other allocations among them"
done_testing
