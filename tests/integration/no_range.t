#!/usr/bin/env bash
# Work outside any range belongs to the node `(no range)`; it is never dropped.
. tests/integration/lib.sh
out=$temp/out
is "$(status_of recorded "$out" "$programs/no_range")" 0 "the program ends well"
ok "a report can be made" report "$out" "$out"
node() { # the value of a column (by name) for the op of that name
    awk -F, -v name="$1" -v column="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["name"] == name && $at["node_type"] == "op" { print $at[column] }' "$out/nodes.csv"
}
is "$(node "(no range)" median_peak_mem_bytes)" 3000 "its peak is that of the step's own work"
is "$(node inside median_peak_mem_bytes)" 2000 "beside the ranges' own"
is "$(node "(no range)" steps)" "$(node inside steps)" "in as many steps"
done_testing
