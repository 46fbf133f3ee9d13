#!/usr/bin/env bash
# Two devices in one process: an allocation belongs to the device that it was made on, whatever is
# current when it is made in another device's stream, and when it is freed. Each device has tables of
# its own.
#
# By hand, live bytes before, at the peak and after each node, and what it made and left:
#           on the first             on the second
#   first      0 1000 1000 1000         0   0   0   0
#   second  1000 1000 1000    0         0 300 300 300
#   across  1000 1000    0    0       300 410 410 110    the stream's 70 and the pool's 40
#   drop       0    0    0    0       410 410   0   0
export SOFTGPU_DEVICES=2
. tests/integration/lib.sh
out=$temp/out
is "$(recorded "$out" "$programs/two_devices")" "0 failures" "the program ends well"
ok "a report can be made" report "$out" "$out"
nodes() { # of a folder
    for node in first second across drop; do
        cell "$1" $node device median_active_mem_bytes median_peak_mem_bytes \
            median_active_mem_after_bytes median_memory_size_bytes
    done
}
is "$(nodes "$out")" "$(printf 'softgpu:0 %s\n' "0 1000 1000 1000" "1000 1000 1000 0" \
    "1000 1000 0 0" "0 0 0 0")" "the tables are those of the device with the highest peak"
is "$(nodes "$out/device_1")" "$(printf 'softgpu:1 %s\n' "0 0 0 0" "0 300 300 300" \
    "300 410 410 110" "410 410 0 0")" "and a folder has the other's"
tensors() { awk -F, 'NR > 1 { print $4, $5, $6, $7 }' "$1/tensors.csv" | sort -n; }
is "$(tensors "$out")" "1000 softgpu:0 cudaMalloc first" "tensors of the first"
is "$(tensors "$out/device_1")" "$(printf '%s\n' "40 softgpu:1 cudaMallocFromPoolAsync across" \
    "70 softgpu:1 cudaMallocAsync across" "300 softgpu:1 cudaMalloc second")" "and of the second"
for folder in "$out" "$out/device_1"; do
    is "$(summary "$folder" recorded_end_bytes) $(summary "$folder" balance_violations) $(
        summary "$folder" unknown_frees) $(summary "$folder" devices_used)" "0 0 0 2" \
        "the books of ${folder#"$temp/"} balance"
done
is "$(summary "$out" peak_bytes) $(summary "$out/device_1" peak_bytes)" "1000 410" "peaks"
is "$(sed -n 's/^\(peak on [^ ]*:\) .* MiB in \(.*\)/\1 \2/p' "$temp/report.out")" \
    "$(printf '%s\n' "peak on softgpu:0: first" \
        "peak on softgpu:1: across; its tables are in device_1/")" "the summary says both"
ok "both folders pass the checks" "$graphprof" check_csv "$out" "$out/device_1"
is "$(SOFTGPU_CUPTI=yes recorded "$temp/cupti" "$programs/two_devices")" "0 failures" "under CUPTI"
report "$temp/cupti" "$temp/cupti"
is "$(nodes "$temp/cupti/device_1")" "$(nodes "$out/device_1")" "with CUPTI nothing counts twice"
done_testing
