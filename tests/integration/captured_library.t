#!/usr/bin/env bash
# What a library takes for itself while it is captured into a CUDA graph is given out by each launch, and
# not by the capture. Figures from captured_library.c: 4096 bytes of the program's, 1 MiB of the library's.
. tests/integration/lib.sh
for needed in "$softgpu/driver/libcuda.so.1" "$softgpu/libcupti.so.13" "$programs/captured_library"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
softgpu=$softgpu/driver:$softgpu
out=$temp/out
is "$(SOFTGPU_CUPTI=yes status_of recorded "$out" "$programs/captured_library" 2>&1)" 0 "the program ends well, and nothing is said"
ok "a report can be made" report "$out" "$out"
is "$(cell "$out" forward/gemm median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes)" \
    "4096 $((4096 + (1 << 20))) 4096" "its memory is live in each launch, in the range that was captured"
is "$(cell "$out" forward/gemm peak_library_bytes steps)" "$((1 << 20)) 3" "as a library's"
is "$(events "$out" | count ' alloc ')" 1 "the capture gives nothing out"
is "$(summary "$out" recorded_peak_bytes) $(summary "$out" recorded_end_bytes)" "$((4096 + (1 << 20))) 0" "nor is it left at the end"
is "$(for fault in balance_violations unknown_frees missed_frees unmatched_ranges; do summary "$out" $fault; done | tr '\n' ' ')" \
    "0 0 0 0 " "the books close"
done_testing
