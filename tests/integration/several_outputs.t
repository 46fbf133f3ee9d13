#!/usr/bin/env bash
# All device bytes that a node returns are its size: two buffers, not the scalar on the host, not
# the scratch that it freed itself.
. tests/integration/lib.sh
out=$temp/out
is "$(status_of recorded "$out" "$programs/several_outputs")" 0 "the program ends well"
ok "a report can be made" report "$out" "$out"
is "$(node "$out" forward/top_values median_memory_size_bytes)" 5096 "both buffers are the node's size"
is "$(node "$out" forward/top_values median_peak_mem_bytes)" 17384 "with the scratch they are its peak"
is "$(node "$out" forward/top_values median_active_mem_after_bytes)" 5096 "and alone what is live after it"
done_testing
