#!/usr/bin/env bash
# A run of 100,000 steps: the capture stays small since few steps stay in detail, nothing is lost, and
# the ledger is right in every step. A step that is like none before is itself in detail.
. tests/integration/lib.sh
steps=100000
ok "the program runs" recorded "$temp/out" "$programs/many_steps" "$steps"
bytes=$(stat -c %s "$(capture "$temp/out")")
echo "# capture: $((bytes / 1000)) kB"
ok "its capture is smaller than 256 MB" [ "$bytes" -lt 256000000 ]
ok "and than 200 bytes a step" [ "$bytes" -lt $((200 * steps)) ]
ok "a report can be made" report "$temp/out" "$temp/out"
is "$(summary "$temp/out" events_lost)" 0 "no event is lost"
is "$(summary "$temp/out" steps_complete)" "$steps" "all steps are complete"
is "$(summary "$temp/out" recorded_end_bytes)" 4500000 "4500000 bytes are live at the end"
is "$(summary "$temp/out" recorded_peak_bytes)" 94500000 "94500000 were at most, in step 70001"
is "$(summary "$temp/out" unknown_frees) $(summary "$temp/out" missed_frees)" "0 0" \
    "each free is of a block that was live"
events "$temp/out" >"$temp/events"
ok "another reader finds nothing wrong" [ -s "$temp/events" ]

# The ledger by hand, from the records as they stand: live bytes behind each step, the steps' peaks,
# and what became of each step. A step that repeats another does what stands of that one again, at
# the same addresses or those of its list, but for blocks that came and went in it (here: "v...").
cat >"$temp/ledger.awk" <<'AWK'
function memory(type, address, bytes) {
    if (type == "ALLOC") { if (address in size) wrong++; size[address] = bytes; live += bytes }
    else { if (!(address in size)) wrong++; live -= size[address]; delete size[address] }
    if (live > peak) peak = live
}
function begins(text) { number = text; sub(/.*="?step /, "", number); sub(/".*/, "", number); peak = live }
function ends(    after, before) {
    n++
    after = 4500000 + (number >= 80001 && number <= 80003 ? 1000000 : 0)
    before = number == 0 ? 4000000 : after
    if (peak != before + (number == 70001 ? 90000000 : number % 1000 == 500 ? 50000000 : 6000000)) wrong_peaks++
    if (live != after) wrong_ends++
}
function repeat(from, to,    i, address) {
    for (i = from; i < to; i++) {
        address = at[of, i]
        if (!outer[of, i]) address = "v" address
        else if (list) address = listed[list, ++taken]
        memory(type[of, i], address, bytes[of, i])
    }
}
function repeats() {
    waiting = 0; taken = 0
    begins(name); became[number] = "of"
    repeat(0, inside); ends(); repeat(inside, inside + behind)
    if (inside + behind != count[of] + 0 || (list && taken != listed[list])) wrong_counts++
}
$4 == "ADDRESSES" {
    sub(/n=/, "", $5); listed[$1] = $5; n_lists++
    for (i = 1; i <= $5; i++) listed[$1, i] = $(5 + i)
}
waiting { repeats() }
$4 == "REPEAT" { place = $1; kind = $5; sub(/=.*/, "", kind) }
$4 == "REPEAT" && kind == "of" {
    for (i = 5; i <= 10; i++) sub(/.*=/, "", $i)
    of = $5; list = $6 + 0; inside = $9 + 0; behind = $10 + 0; name = $0
    waiting = 1 # its list may come next
    next
}
$4 == "RANGE_PUSH" && /"step / { begins($0); became[number] = kind; open = 1; depth = 0; next }
$4 == "RANGE_PUSH" && open { depth++; if (/"forward"/) detailed[number] = 1; if (/"extra"/) extra = number }
$4 == "RANGE_POP" && open && depth-- == 0 { open = 0; ends() }
END {
    for (step in detailed) n_detailed++
    print "steps", n, "wrong peaks", wrong_peaks + 0, "ends", wrong_ends + 0, "counts", \
        wrong_counts + 0, "addresses", wrong + 0, "live", live
    print n_detailed, "lists of addresses:", n_lists > (folder "/detailed")
    print "500", detailed[500] + 0, "70001", detailed[70001] + 0, "with", extra > (folder "/change")
    print became[80000], became[80001], became[80002], became[80003], became[99999] > (folder "/became")
}
AWK
is "$("$graphprof" dump "$(capture "$temp/out")" | awk -v folder="$temp" -f "$temp/ledger.awk" -f tests/integration/ledger_step.awk)" \
    "steps $steps wrong peaks 0 ends 0 counts 0 addresses 0 live 4500000" \
    "the ledger is right in every step, and at the end"
read -r detailed rest <"$temp/detailed"
echo "# steps in detail: $detailed $rest"
ok "more than a thousand steps are in detail" [ "$detailed" -gt 1000 ]
ok "and fewer than two thousand" [ "$detailed" -lt 2000 ]
is "$(cat "$temp/change")" "500 1 70001 1 with 70001" \
    "the step with another allocation is itself in detail, its own range as well"
# 80000 has one more allocation behind it and 80003 one more free; the last step is not judged.
is "$(cat "$temp/became")" "whole of of whole whole" "steps that differ in addresses alone repeat others"
done_testing
