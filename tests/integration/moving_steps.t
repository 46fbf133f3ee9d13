#!/usr/bin/env bash
# Blocks that outlive a step, at other addresses in each: what the capture says of a step that repeats
# another leaves out what the step before left live, and still is, by hand, what the program says itself
# of each step; also in a capture that is cut.
. tests/integration/lib.sh
steps=1250
# The program's own lines, sorted.
ran() { recorded "$temp/out" "$programs/moving_steps" "$steps" | sort >"$temp/program"; }
ok "the program runs" ran
ok "a report can be made" report "$temp/out" "$temp/out"
is "$(summary "$temp/out" events_lost)" 0 "no event is lost"
is "$(summary "$temp/out" steps_complete)" "$steps" "all steps are complete"
is "$(summary "$temp/out" recorded_end_bytes)" 64000000 "64000000 bytes are live at the end"
# 64000000 are live when the 42nd of a hundred begins, 1000000 of them carried: 65000000. It frees 60 and
# makes as many and 3000000 more before it frees that one.
is "$(summary "$temp/out" recorded_peak_bytes)" 68000000 "68000000 were at most"
is "$(summary "$temp/out" unknown_frees) $(summary "$temp/out" missed_frees)" "0 0" \
    "each free is of a block that was live"
is "$(summary "$temp/out" balance_violations)" 0 "the books close"
events "$temp/out" >"$temp/events"
ok "another reader finds nothing wrong" [ -s "$temp/events" ]

# The ledger by hand, from the records as they stand (docs/formats.md): the same lines as the program's.
# What came of each step goes to the file `became`: whole, outline, or the type of its list.
cat >"$temp/ledger.awk" <<'AWK'
function memory(type, address, bytes) {
    if (type == "ALLOC") { size[address] = bytes; live += bytes }
    else { live -= size[address]; delete size[address] }
}
function ends(    address) {
    print number, "live", live
    for (address in size) if (size[address] != 4000000) print number, "at", address
    n_ended++
}
function step_of(text) { sub(/.*="?step /, "", text); sub(/".*/, "", text); return text }
function address_of(i) {
    if (!outer[of, i]) return "v" at[of, i]
    if (!(list in left)) return listed[list, ++taken]
    if (type[of, i] == "ALLOC") return listed[list, ++taken]
    return listed[before[list], listed[order[list], ++freed] + 1]
}
function repeats(    i) {
    waiting = 0; taken = 0; freed = 0; number = step_of(name)
    for (i = 0; i < inside; i++) memory(type[of, i], address_of(i), bytes[of, i])
    ends()
    became[number] = list in left ? "left" : "all"
}
$4 == "ADDRESSES" || $4 == "ADDRESSES_LEFT" || $4 == "ORDER" {
    first = 5
    if ($4 == "ADDRESSES_LEFT") {
        before[$1] = substr($5, 8); order[$1] = substr($6, 7); left[$1] = 1
        first = 7
    }
    n_listed[$1] = substr($first, 3) + 0
    for (i = 1; i <= n_listed[$1]; i++) listed[$1, i] = $(first + i)
    n_type[$4]++
    next
}
waiting { repeats() }
$4 == "REPEAT" { place = $1; kind = $5; sub(/=.*/, "", kind) }
$4 == "REPEAT" && kind == "of" {
    for (i = 5; i <= 10; i++) sub(/.*=/, "", $i)
    of = $5; list = $6 + 0; inside = $9 + 0; name = $0
    waiting = 1 # its list comes next
    next
}
$4 == "RANGE_PUSH" && /"step / { number = step_of($0); became[number] = kind; open = 1; depth = 0; next }
$4 == "RANGE_PUSH" && open { depth++ }
$4 == "RANGE_POP" && open && depth-- == 0 { open = 0; ends() }
END {
    # A step is the last record where its list is whole.
    if (waiting && list in n_listed && (!(list in left) || order[list] in n_listed)) repeats()
    print became[1141], became[1142], became[1143], became[1230], became[1231] > (folder "/became")
    print n_type["ADDRESSES"] + 0, n_type["ADDRESSES_LEFT"] + 0, n_type["ORDER"] + 0 > (folder "/lists")
    print n_ended + 0 > (folder "/ended")
}
AWK
ledger() { # ledger CAPTURE FOLDER: its lines, sorted, to FOLDER/ledger
    mkdir -p "$2"
    "$graphprof" dump "$1" 2>/dev/null | awk -v folder="$2" -f "$temp/ledger.awk" -f tests/integration/ledger_step.awk | sort >"$2/ledger"
}
ledger "$(capture "$temp/out")" "$temp/whole"
is "$(cat "$temp/whole/ended")" "$steps" "the ledger by hand has each step"
ok "with the live bytes and addresses that the program says, behind each" cmp "$temp/program" "$temp/whole/ledger"
# 1141 frees but one of what 1140 left, and 1142 that one beside what 1141 left. 1230 frees in another order.
is "$(cat "$temp/whole/became")" "left all left left left" "a list has all where the step frees something else too"
read -r all left orders <"$temp/whole/lists"
echo "# $all lists of all addresses, $left of what was left, $orders orders"
ok "most lists are of what was left alone" [ "$left" -gt "$all" ]
ok "and name few orders" [ "$orders" -le 10 ]

# Cut inside the list of a step, inside an order, inside a REPEAT record, and anywhere.
"$graphprof" dump "$(capture "$temp/out")" | awk '
    $4 == "ADDRESSES_LEFT" && ++n % 300 == 250 { print $1, $1 + 8, $1 + 40 }
    $4 == "ORDER" && ++o == 2 { print $1, $1 + 24 }
    $4 == "REPEAT" && ++r % 700 == 699 { print $1, $1 + 56 }' | tr ' ' '\n' >"$temp/places"
end=$(stat -c %s "$(capture "$temp/out")")
for i in 1 2 3; do echo $((end * i / 4 + 3 * i)); done >>"$temp/places"
cuts=0 bad=''
while read -r place; do
    cuts=$((cuts + 1))
    mkdir -p "$temp/cut"
    head -c "$place" "$(capture "$temp/out")" >"$temp/cut/capture.gpcap"
    ledger "$temp/cut/capture.gpcap" "$temp/cut"
    ended=$(cat "$temp/cut/ended")
    if ! report "$temp/cut" "$temp/cut"; then
        bad+=" $place:report"
    elif [ "$(summary "$temp/cut" steps_complete)" != "$ended" ]; then
        bad+=" $place:steps"
    elif [ "$(summary "$temp/cut" unknown_frees) $(summary "$temp/cut" missed_frees)" != "0 0" ]; then
        bad+=" $place:frees"
    fi
    awk -v n="$ended" '$1 < n' "$temp/program" | cmp -s - "$temp/cut/ledger" || bad+=" $place:ledger"
done <"$temp/places"
echo "# $cuts cuts"
is "$bad" '' "a cut capture says the same of the steps before the cut"
done_testing
