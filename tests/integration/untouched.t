#!/usr/bin/env bash
# The program is untouched: resnet152 prints the same, byte for byte but for the times, and its losses,
# gradient norms and statistics are the same bit for bit (17 digits in --numbers), without the
# recorder, under LD_PRELOAD and under `graphprof run`, with both allocators.
. tests/integration/lib.sh
resnet=$build/resnet152
for needed in "$resnet" "$softgpu/libcudnn.so.9" "$softgpu/libcublas.so.13"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
# Results repeat for a fixed count of threads; waiting ones sleep, as others may be at work here.
export OMP_NUM_THREADS=2 OMP_WAIT_POLICY=passive
small=(--image-size 32 --batch-size 4 --steps 3 --warmup 0)
without_times() { sed -E 's/ ms [0-9.]+/ ms T/; s/ images\/s [0-9.]+/ images\/s T/' "$1"; }

same() { # same DESCRIPTION NAME: what NAME left is what bare left
    is "$(without_times "$temp/$2.out")" "$(without_times "$temp/bare.out")" "$1: stdout"
    ok "$1: numbers" cmp "$temp/bare.csv" "$temp/$2.csv"
    ok "$1: CSVs were made" test -s "$temp/$2/nodes.csv"
}
for allocator in malloc async; do
    program=("$resnet" "${small[@]}" --allocator "$allocator")
    bare "${program[@]}" --numbers "$temp/bare.csv" >"$temp/bare.out"
    is "$(count '^step .* loss [0-9]' <"$temp/bare.out")" 3 "$allocator: three steps have a loss"
    bare "${program[@]}" --numbers "$temp/again.csv" >"$temp/again.out"
    ok "$allocator: two runs without the recorder are the same" cmp "$temp/bare.csv" "$temp/again.csv"
    GRAPHPROF_REPORT=yes recorded "$temp/preload" "${program[@]}" --numbers "$temp/preload.csv" \
        >"$temp/preload.out" 2>"$temp/stderr"
    same "$allocator, LD_PRELOAD" preload
    "$graphprof" run --softgpu yes -o "$temp/run" -- "${program[@]}" --numbers "$temp/run.csv" \
        >"$temp/run.out" 2>"$temp/stderr"
    same "$allocator, graphprof run" run
    rm -r "$temp/preload" "$temp/run"
done
done_testing
