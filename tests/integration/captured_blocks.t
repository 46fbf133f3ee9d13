#!/usr/bin/env bash
# Blocks of a caching allocator that come and go while a CUDA graph is captured are in use in each launch.
# Figures from captured_blocks.c: 1 MiB passes, 2 MiB stay, in a segment of 20 MiB.
. tests/integration/lib.sh
[ -e "$programs/captured_blocks" ] || skip_all "captured_blocks is not built"
mib=$((1 << 20))
out=$temp/out
is "$(status_of recorded "$out" "$programs/captured_blocks" 2>&1)" 0 "the program ends well, and nothing is said"
ok "a report can be made" report "$out" "$out"
bytes="median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes"
# shellcheck disable=SC2086 # the columns are words
is "$(cell "$out" forward/a $bytes)" "$((2 * mib)) $((3 * mib)) $((3 * mib))" "a block is live from its place in the graph on"
# shellcheck disable=SC2086
is "$(cell "$out" backward/b $bytes)" "$((3 * mib)) $((3 * mib)) $((2 * mib))" "until it is given back"
is "$(summary "$out" peak_bytes) $(summary "$out" recorded_segments_peak_bytes)" "$((3 * mib)) $((20 * mib))" \
    "the peak is that of the blocks, in their segment"
is "$(events "$out" | count ' alloc ')" 3 "each is recorded once"
is "$(for fault in balance_violations unknown_frees missed_frees unmatched_ranges; do summary "$out" $fault; done | tr '\n' ' ')" \
    "0 0 1 0 " "the books close but for the block that went with its segment"
done_testing
