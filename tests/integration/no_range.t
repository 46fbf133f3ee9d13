#!/usr/bin/env bash
# Work outside any range belongs to the node `(no range)`; it is never dropped.
. tests/integration/lib.sh
out=$temp/out
is "$(status_of recorded "$out" "$programs/no_range")" 0 "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(node "$out" "(no range)" median_peak_mem_bytes)" 3000 "its peak is that of the step's own work"
is "$(node "$out" inside median_peak_mem_bytes)" 2000 "beside the ranges' own"
is "$(node "$out" "(no range)" steps)" "$(node "$out" inside steps)" "in as many steps"
done_testing
