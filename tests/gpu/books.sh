#!/usr/bin/env bash
# The books on real hardware: resnet152 at batch 4 and 64 with both allocators under graphprof, its
# table of books, and three checks of each: what is in no book is at most 4 MiB at the last step's end
# and at the driver's peak, and the recorded peak with its rounding is the driver's. At the first batch
# size also every allocation against CUPTI's own record of them in a run of its own. Prints TAP. Within a
# minute on an H200.
# usage: tests/gpu/books.sh [IMAGE_SIZE [BATCH...]]     (SOFTGPU_CUPTI=yes: on softgpu, a trial)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
image=${1:-224}
shift $(($# > 0))
batches=("${@:-4}")
[ $# -gt 0 ] || batches=(4 64)
bound=$((4 << 20)) # bytes
[ "${SOFTGPU_CUPTI:-}" != yes ] || { export LD_LIBRARY_PATH=$PWD/$build/softgpu && bound=0; }

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0
check() { # check DESCRIPTION BYTES: within the bound
    number=$((number + 1))
    if [ "${2#-}" -le "$bound" ]; then
        echo "ok $number - $1: $2 bytes"
    else
        echo "not ok $number - $1: $2 bytes, expected at most $bound"
        failed=1
    fi
}
member() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" "$scratch/out/summary.json"; }
train() { # train BATCH ALLOCATOR ENVIRONMENT...
    local batch=$1 allocator=$2
    shift 2
    env "$@" "$build/resnet152" --batch-size "$batch" --image-size "$image" --steps 8 --warmup 2 \
        --optimizer adam --allocator "$allocator" >"$scratch/log" || { cat "$scratch/log" && exit 1; }
}
# From lines of alloc or free, address and bytes: how many, how many bytes, and the most live at once.
totals() {
    awk '$1 == "alloc" { n++; sum += $3; live += $3; of[$2] = $3; if (live > most) most = live }
        $1 == "free" && $2 in of { gone++; live -= of[$2]; delete of[$2] }
        END { printf "%d allocations of %.0f bytes, %d freed, %.0f live at most\n", n, sum, gone, most }'
}

for batch in "${batches[@]}"; do
    for allocator in async malloc; do
        rm -rf "$scratch/out"
        train "$batch" "$allocator" LD_PRELOAD="$PWD/$build/libgraphprof.so" GRAPHPROF_OUT="$scratch/out" \
            GRAPHPROF_REPORT=no GRAPHPROF_PROBE_STEP=1
        echo "# batch $batch, $allocator"
        "$build/graphprof" report "$scratch/out/capture.gpcap" -o "$scratch/out" 2>&1 |
            sed -n '/^books/,/^nodes/p' | sed '/^nodes/d; s/^/# /'
        check "batch $batch, $allocator: in no book after step $(member books_step)" "$(member books_residual_bytes)"
        check "batch $batch, $allocator: in no book at the driver's peak in step $(member probe_step)" \
            "$(member probe_residual_bytes)"
        check "batch $batch, $allocator: the driver's peak above the recorded one with its rounding" \
            $(($(member probe_driver_used_bytes) - $(member probe_context_bytes) - $(member probe_handles_bytes) - \
                $(member probe_modules_bytes) - $(member probe_cupti_bytes) - $(member probe_recorded_taken_bytes)))
        [ "$batch" = "${batches[0]}" ] || continue
        train "$batch" "$allocator" LD_PRELOAD="$PWD/$build/tests/gpu/kernel_record.so" KERNEL_RECORD_MEMORY=yes \
            KERNEL_RECORD_OUT="$scratch/record"
        awk -F '\t' '{ print $4, $5, $3 }' "$scratch/record" | totals >"$scratch/cupti"
        "$build/graphprof" dump "$scratch/out/capture.gpcap" | awk '
            $4 == "ALLOC" && / space=(device|pool|managed) / { print "alloc", $5, substr($6, 7) }
            $4 == "FREE" && / space=(device|pool|managed) / { print "free", $5 }' |
            sed 's/address=//' | totals >"$scratch/ours"
        number=$((number + 1))
        if cmp -s "$scratch/cupti" "$scratch/ours"; then
            echo "ok $number - batch $batch, $allocator: as CUPTI records it: $(cat "$scratch/ours")"
        else
            echo "not ok $number - batch $batch, $allocator: as CUPTI records it"
            echo "# recorded: $(cat "$scratch/ours")"
            echo "# CUPTI:    $(cat "$scratch/cupti")"
            failed=1
        fi
    done
done
echo "1..$number"
exit $failed
