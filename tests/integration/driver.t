#!/usr/bin/env bash
# shellcheck disable=SC2016 # for other shells
# Programs on the driver's functions: alone, with the recorder preloaded, brought in by the driver
# (CUDA_INJECTION64_PATH), or both; and beside the runtime. On softgpu, whose driver and CUPTI are tried
# here with it; figures are worked out by hand from the programs' sizes.
. tests/integration/lib.sh
for needed in "$softgpu/driver/libcuda.so.1" "$softgpu/libcupti.so.13" "$programs/driver_only"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
softgpu=$softgpu/driver:$softgpu
mib=$((1 << 20))
export SOFTGPU_CUPTI=yes

injected() { # injected OUT COMMAND...: without LD_PRELOAD
    local out=$1
    shift
    env LD_BIND_NOW=1 LD_LIBRARY_PATH="$softgpu" CUDA_INJECTION64_PATH="$recorder" GRAPHPROF_OUT="$out" \
        GRAPHPROF_REPORT=no "$@"
}
# What of a capture does not depend on addresses and processes.
shape() { "$programs/dump_capture" --exact "$(capture "$1")" | grep -v ' sample'; }
summaries() { # summaries FOLDER FIELD...
    local folder=$1 field
    shift
    for field; do summary "$folder" "$field"; done | tr '\n' ' '
}

bare "$programs/driver_only" >"$temp/bare"
for way in preloaded injected both; do
    out=$temp/$way
    case $way in
    preloaded) CUDA_INJECTION64_PATH='' recorded "$out" "$programs/driver_only" >"$temp/said" 2>&1 ;;
    injected) injected "$out" "$programs/driver_only" >"$temp/said" 2>&1 ;;
    both) injected "$out" env LD_PRELOAD="$recorder" NVTX_INJECTION64_PATH="$recorder" "$programs/driver_only" >"$temp/said" 2>&1 ;;
    esac
    ok "$way: the program says the same, and nothing else is said" cmp "$temp/bare" "$temp/said"
    is "$(find "$out" -name '*.gpcap' | wc -l)" 1 "$way: one capture"
    ok "$way: a report can be made" report "$out" "$out"
    is "$(summaries "$out" steps_complete unknown_frees missed_frees balance_violations recorded_end_bytes)" "4 0 0 0 0 " \
        "$way: four steps, and the books balance"
    # 17000 live all along. linear: 3000 + 5000 + 7000 of the device's and 11000 of the host's.
    is "$(cell "$out" linear median_peak_mem_bytes median_active_mem_after_bytes)" "32000 17000" "$way: linear memory"
    # 2 + 4 MiB, of which 2 MiB are mapped twice; both live on when their handles are gone.
    is "$(cell "$out" physical median_peak_mem_bytes median_active_mem_after_bytes)" "$((17000 + 6 * mib)) 17000" \
        "$way: physical memory is counted once"
    is "$(cell "$out" physical/mapped median_active_mem_bytes)" $((17000 + 6 * mib)) "$way: while it is mapped"
    is "$(cell "$out" physical/elsewhere median_active_mem_bytes)" $((17000 + 2 * mib)) "$way: wherever"
    # Of eight calls that fail one step books none; 13000 are taken and given back.
    is "$(cell "$out" refused median_peak_mem_bytes median_active_mem_after_bytes)" "30000 17000" "$way: failed calls are not booked"
    is "$(summaries "$out" failed_frees peak_bytes device)" "12 $((17000 + 6 * mib)) \"softgpu:0\" " "$way: three frees are refused a step"
    is "$(events "$out" | grep -c ' alloc cuMemHostAlloc 11000 host ')" 4 "$way: the host's memory is recorded as such"
    is "$(summary "$out" gpu_steps_timed)" 2 "$way: every other step is timed on the GPU"
    shape "$out" >"$temp/$way.shape"
done
ok "injected, the capture is as when preloaded" cmp "$temp/preloaded.shape" "$temp/injected.shape"
ok "and with both nothing is twice" cmp "$temp/preloaded.shape" "$temp/both.shape"

# Both APIs: 11000 live all along; crossed: 3000 by the runtime and 5000 by the driver, each freed by the
# other; a segment of two mapped pieces of 2 MiB.
out=$temp/mixed
recorded "$out" "$programs/driver_and_runtime" >"$temp/said" 2>&1
is "$(cat "$temp/said")" "" "both APIs: the program ends well"
ok "both APIs: a report can be made" report "$out" "$out"
is "$(summaries "$out" steps_complete unknown_frees missed_frees balance_violations recorded_end_bytes)" "3 0 0 0 0 " \
    "both APIs: no allocation is counted twice, no free is unknown"
is "$(cell "$out" crossed median_peak_mem_bytes median_active_mem_after_bytes)" "19000 11000" "both APIs: each frees the other's"
is "$(cell "$out" segment median_active_mem_after_bytes)" $((11000 + 4 * mib)) "both APIs: mapped segments are live"
is "$(cell "$out" release median_active_mem_after_bytes)" 11000 "both APIs: and gone when they are released"
is "$(summary "$out" books_residual_bytes)" 0 "both APIs: the driver has as much in use as is booked"
is "$(awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next } $at["allocator"] == "cuMemCreate" {
    print $at["node_type"] != "library", $at["producer"] }' "$out/tensors.csv" | sort -u)" "1 segment" \
    "both APIs: segments are the program's own, not a library's"

# A copy of the recorder under another path hands over to the one that began.
cp "$recorder" "$temp/libgraphprof.so"
for way in brought.in preloaded; do
    out=$temp/twice.$way
    case $way in
    brought.in) CUDA_INJECTION64_PATH=$temp/libgraphprof.so NVTX_INJECTION64_PATH=$temp/libgraphprof.so \
        recorded "$out" "$programs/driver_only" >"$temp/said" 2>&1 ;;
    preloaded) injected "$out" env LD_PRELOAD="$recorder:$temp/libgraphprof.so" "$programs/driver_only" >"$temp/said" 2>&1 ;;
    esac
    ok "a copy is $way as well: nothing is said of it" cmp "$temp/bare" "$temp/said"
    is "$(find "$out" -name '*.gpcap' | wc -l)" 1 "a copy is $way as well: there is one capture"
    shape "$out" >"$temp/twice.shape"
    ok "a copy is $way as well: it is as without" cmp "$temp/preloaded.shape" "$temp/twice.shape"
done

# A child of a process that has not used CUDA has no recorder, and CUPTI for itself.
out=$temp/forked
is "$(injected "$out" env LD_PRELOAD="$recorder" "$programs/driver_only" forked | tail -n 1) $(find "$out" -name '*.gpcap' 2>/dev/null | wc -l)" \
    "CUPTI is loaded: no 0" "a child that uses CUDA first has CUPTI for itself"

# Another tool's place is left alone; so is CUPTI's where it is not to be used.
out=$temp/tool
line="graphprof: CUDA_INJECTION64_PATH is set to '/other/tool.so' and left alone: calls of the driver are not seen from its start on"
is "$(CUDA_INJECTION64_PATH=/other/tool.so recorded "$out" sh -c "echo \$CUDA_INJECTION64_PATH; exec '$programs/no_range'" 2>&1)" \
    "$(printf '%s\n' /other/tool.so "$line")" "another tool keeps its place, and one line says so"
is "$(recorded "$out" sh -c 'echo $CUDA_INJECTION64_PATH')" "$recorder" "else the recorder takes it"
is "$(GRAPHPROF_TIME_STEPS=none recorded "$out" sh -c 'echo $CUDA_INJECTION64_PATH')" "" "unless it is to let CUPTI alone"
out=$temp/none
GRAPHPROF_TIME_STEPS=none injected "$out" "$programs/driver_only" >/dev/null
is "$(events "$out" | grep -c ' alloc ')" 0 "then the driver's memory is not seen"

# Without CUPTI nothing can be recorded but the ranges, and one line says why.
out=$temp/held
is "$(SOFTGPU_CUPTI=held injected "$out" "$programs/driver_only" 2>&1 >/dev/null)" \
    "graphprof: no GPU time, host time instead: CUPTI: it is held by CUPTI for another tool" "held by another tool: one line"

# graphprof run sets all three.
variables='echo "$LD_PRELOAD $NVTX_INJECTION64_PATH $CUDA_INJECTION64_PATH"'
is "$("$graphprof" run --softgpu no -o "$temp/run" -- sh -c "$variables" 2>/dev/null)" "$recorder $recorder $recorder" \
    "graphprof run sets LD_PRELOAD, NVTX_INJECTION64_PATH and CUDA_INJECTION64_PATH"
is "$(CUDA_INJECTION64_PATH=/other/tool.so "$graphprof" run --softgpu no -o "$temp/run" -- sh -c "$variables" 2>/dev/null)" \
    "$recorder $recorder /other/tool.so" "and leaves another tool alone"
LD_LIBRARY_PATH=$softgpu "$graphprof" run --softgpu no -o "$temp/run" -- env -u LD_PRELOAD "$programs/driver_only" >"$temp/said" 2>/dev/null
ok "a program that does not get LD_PRELOAD runs as before" cmp "$temp/bare" <(head -n 1 "$temp/said")
is "$(summaries "$temp/run" steps_complete peak_bytes)" "4 $((17000 + 6 * mib)) " "and is recorded"
done_testing
