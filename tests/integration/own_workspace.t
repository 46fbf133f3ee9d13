#!/usr/bin/env bash
# Memory that a program hands to cuBLAS as its workspace has that role by the call's operand, though no other
# call names it: 5000 bytes that stay and 6000 in each step.
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/own_workspace")" "0 failures" "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(awk -F, 'NR > 1 && ($4 == 5000 || $4 == 6000) { print $4, $2, $3 }' "$out/tensors.csv" | sort -n)" \
    "$(printf '%s\n' "5000 workspace operand" "6000 workspace operand")" "both are workspaces"
is "$(cell "$out" forward peak_workspace_bytes)" 11000 "and so booked in the node that uses them"
done_testing
