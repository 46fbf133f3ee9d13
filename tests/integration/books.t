#!/usr/bin/env bash
# The books against what the driver says is in use, on softgpu, which rounds nothing: to the byte. With
# CUPTI (softgpu's) libraries' own memory is seen one by one, without it by the driver's figure alone.
. tests/integration/lib.sh
train=("$build/resnet152" --batch-size 2 --image-size 32 --steps 3 --warmup 1)
for needed in "${train[0]}" "$softgpu/libcudnn.so.9" "$softgpu/libcupti.so.13"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done

handles=$(((1 << 20) + (1 << 18))) # bytes: what softgpu's cublasCreate and cudnnCreate take
for allocator in malloc async; do
    for cupti in yes no; do
        out=$temp/$allocator.$cupti
        name="$allocator, CUPTI: $cupti"
        SOFTGPU_CUPTI=$cupti GRAPHPROF_PROBE_STEP=0 recorded "$out" "${train[@]}" --allocator "$allocator" >/dev/null
        ok "$name: a report can be made" report "$out" "$out"
        is "$(summary "$out" books_step) $(summary "$out" books_residual_bytes)" "3 0" "$name: no residual after the last step"
        is "$(summary "$out" probe_step) $(summary "$out" probe_residual_bytes)" "0 0" "$name: nor at the driver's peak"
        library=0
        [ "$cupti" = no ] || library=$handles
        is "$(summary "$out" books_library_bytes) $(summary "$out" books_handles_bytes)" \
            "$library $((handles - library))" "$name: handles' memory is booked once"
        is "$(summary "$out" books_modules_bytes) $(summary "$out" books_cupti_bytes) $(summary "$out" books_context_bytes)" \
            "0 0 0" "$name: nothing came from elsewhere"
        is "$(summary "$out" probe_driver_used_bytes)" \
            "$(($(summary "$out" probe_recorded_taken_bytes) + handles - library))" \
            "$name: the recorded peak of the probed step is the driver's"
        is "$(summary "$out" unknown_frees) $(summary "$out" missed_frees)" "0 0" "$name: no free is without its allocation"
    done
done

# The same training: what the program itself allocates is in no book twice.
for allocator in malloc async; do
    is "$(summary "$temp/$allocator.yes" recorded_peak_bytes)" \
        "$(($(summary "$temp/$allocator.no" recorded_peak_bytes) + handles))" \
        "$allocator: with CUPTI the peak is higher by the handles' memory alone"
done
column() { # column FOLDER NAME: of libraries' tensors
    awk -F, -v name="$2" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "library" { print $at[name] }' "$1/tensors.csv"
}
is "$(column "$temp/malloc.yes" name | sort | tr '\n' ' ')" \
    "init/libraries.cublasCreate_v2 init/libraries.cudnnCreate " "libraries' memory is named after node and call"
is "$(column "$temp/malloc.yes" role_source | sort -u) $(column "$temp/malloc.yes" allocator | sort -u)" \
    "library cuMemAlloc_v2" "and says how that is known"
is "$(column "$temp/malloc.no" name)" "" "without CUPTI none is listed"

# Without CUPTI and without a probe.
out=$temp/none
SOFTGPU_CUPTI=yes GRAPHPROF_TIME_STEPS=none recorded "$out" "${train[@]}" >/dev/null
report "$out" "$out"
is "$(summary "$out" books_library_bytes) $(summary "$out" books_handles_bytes) $(summary "$out" books_residual_bytes)" \
    "0 $handles 0" "where CUPTI is let alone the driver's figure tells"
is "$(summary "$out" probe_samples) $(summary "$out" probe_step)" "0 -1" "no step is probed unless that is asked for"
done_testing
