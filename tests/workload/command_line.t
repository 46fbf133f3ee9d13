#!/usr/bin/env bash
# resnet152's command line, output, failures and file inputs, on softgpu. Prints TAP.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
export LD_LIBRARY_PATH=$PWD/$build/softgpu LD_BIND_NOW=1

diagnose() { cat "$temp/out" "$temp/err"; }
# Runs resnet152; leaves stdout, stderr and the status in $temp/out, $temp/err and $status.
run() {
    status=0
    "$build/resnet152" "$@" >"$temp/out" 2>"$temp/err" || status=$?
}
small=(--batch-size 2 --image-size 32 --steps 1 --warmup 0)

# Exit 2, nothing on stdout, one line on stderr that contains $1.
refused() { [ "$status" = 2 ] && [ ! -s "$temp/out" ] && [ "$(wc -l <"$temp/err")" = 1 ] && grep -qF -- "$1" "$temp/err"; }
# Exit 1 and one line on stderr that matches $1.
failed() { [ "$status" = 1 ] && [ "$(wc -l <"$temp/err")" = 1 ] && grep -qE -- "$1" "$temp/err"; }

run --no-such-option
ok "an unknown option" refused "no-such-option"
run --batch-size
ok "a missing value" refused "batch-size"
run stray
ok "a stray argument" refused "'stray'"
while read -r option value; do
    run "$option" "$value"
    ok "$option $value" refused "$option: '$value' is not"
done <<'END'
--batch-size 0
--batch-size 4x
--batch-size 99999999999999999999
--image-size 1000000
--steps -1
--warmup 1.5
--optimizer lion
--optimizer sgd|adam
--lr nan
--lr 1e-3x
--momentum 2
--weight-decay -1
--precision fp16
--layout chwn
--allocator pool
--classes 1
--seed one
END
run --batch-size 1 --image-size 32 --steps 1
ok "too little to normalise" refused "--batch-size"
run --data /nonexistent "${small[@]}"
ok "data that is not there" refused "/nonexistent"
run --data '' "${small[@]}"
ok "data without a name" refused "--data"
run --numbers /nonexistent/numbers.csv "${small[@]}"
ok "numbers that cannot be written" refused "/nonexistent/numbers.csv"

run --help
help_names_all() {
    [ "$status" = 0 ] && [ ! -s "$temp/err" ] || return 1
    for option in batch-size image-size steps warmup optimizer lr momentum weight-decay precision \
        layout allocator classes seed data numbers; do
        grep -qE -- "^  --$option " "$temp/out" || return 1
    done
}
ok "--help names every option" help_names_all

run --batch-size 2 --image-size 32 --warmup 1 --steps 2 --numbers "$temp/a.csv"
lines() {
    [ "$status" = 0 ] && [ ! -s "$temp/err" ] && [ "$(wc -l <"$temp/out")" = 3 ] &&
        [ "$(grep -cE '^step [123] loss [0-9.e+-]+ ms [0-9.]+ images/s [0-9.]+( warmup)?$' "$temp/out")" = 3 ] &&
        [ "$(grep -c ' warmup$' "$temp/out")" = 1 ] && sed -n 1p "$temp/out" | grep -q '^step 1 .* warmup$'
}
ok "one line a step, warm-up marked" lines
same_numbers() { [ "$status" = 0 ] && cmp -s "$temp/a.csv" "$temp/b.csv"; }
run --batch-size 2 --image-size 32 --warmup 0 --steps 3 --allocator malloc --numbers "$temp/b.csv"
ok "the same numbers from cudaMalloc as from cudaMallocAsync" same_numbers
# New allocations full of NaN: nothing may be read before it is written.
SOFTGPU_POISON=yes run --batch-size 2 --image-size 32 --warmup 0 --steps 3 --numbers "$temp/b.csv"
ok "the same numbers in poisoned memory" same_numbers
run --batch-size 2 --image-size 32 --warmup 0 --steps 3 --seed 2 --numbers "$temp/b.csv"
other_numbers() { [ "$status" = 0 ] && ! cmp -s "$temp/a.csv" "$temp/b.csv"; }
ok "other numbers from another seed" other_numbers
run "${small[@]}" --classes 10 --numbers "$temp/b.csv"
# 990 classes less, of 2048 weights and a bias each
ok "parameters for ten classes" grep -qx "parameters,,1,$((60192808 - 990 * 2049))" "$temp/b.csv"

for limit in 300M 500M; do
    SOFTGPU_MEMORY=$limit run --batch-size 8 --image-size 64 --optimizer adam --numbers "$temp/c.csv"
    ok "out of memory at $limit: the layer, the bytes asked for and the bytes free" \
        failed 'out of memory in step 1 / (forward|backward|optimizer) / [a-z0-9.]+: [0-9]+ bytes asked for, [0-9]+ of [0-9]+ bytes free$'
done
SOFTGPU_MEMORY=100M run "${small[@]}" --allocator malloc --numbers "$temp/c.csv"
ok "out of memory before the first step" failed 'out of memory in init / layer[0-9.]+[a-z0-9.]+: [0-9]+ bytes asked'
no_file() { [ ! -e "$temp/c.csv" ] && [ ! -e "$temp/c.csv.tmp" ]; }
ok "no numbers stay of a run that failed" no_file
for n in 1 1000 2000; do
    SOFTGPU_FAIL_ALLOC=$n run "${small[@]}" --optimizer adam
    ok "allocation $n fails: one line" failed 'out of memory in .*: [0-9]+ bytes asked for'
done
run "${small[@]}" --steps 2
ok "and without a failure it runs" [ "$status" = 0 ]

# Made-up data: bytes that perl's own generator gives for a fixed seed.
mkdir "$temp/cifar"
for file in 1 2 3 4 5; do
    perl -e 'srand 7 + $ARGV[0]; print map { chr(int rand 10), map { chr int rand 256 } 1 .. 3072 } 1 .. 3' \
        "$file" >"$temp/cifar/data_batch_$file.bin"
done
loss() { sed -nE 's/^step 2 loss ([^ ]+) .*/\1/p' "$temp/out"; }
close_to() { awk -v a="$1" -v b="$2" 'BEGIN { exit !(a > 0 && (a - b) ^ 2 < (1e-4 * b) ^ 2) }'; }
run --data "cifar10:$temp/cifar" --batch-size 4 --steps 2 --warmup 0 --layout nchw
nchw=$(loss)
run --data "cifar10:$temp/cifar" --batch-size 4 --steps 2 --warmup 0 --layout nhwc
ok "CIFAR-10 in both layouts: the same loss" close_to "${nchw:-0}" "$(loss)"
truncate -s -1 "$temp/cifar/data_batch_3.bin"
run --data "cifar10:$temp/cifar" --batch-size 4 --steps 1
ok "a CIFAR-10 file that is cut" refused "$temp/cifar/data_batch_3.bin"
rm "$temp/cifar/data_batch_3.bin"
run --data "cifar10:$temp/cifar" --batch-size 4 --steps 1
ok "a CIFAR-10 file that is missing" refused "$temp/cifar/data_batch_3.bin"

raw() { # raw COUNT SIZE CLASSES LABEL
    perl -e 'my ($n, $s, $k, $l) = @ARGV; srand 3;
        print "RAWIMGS1", pack("V4", $n, $s, $k, 0), pack("v*", ($l) x $n),
              map { chr int rand 256 } 1 .. $n * 3 * $s * $s' "$@"
}
raw 3 40 20 19 >"$temp/images.raw"
run --data "$temp/images.raw" --batch-size 2 --steps 2 --warmup 0
ok "a file of raw images" [ "$status" = 0 ]
run --data "$temp/images.raw" --batch-size 2 --steps 1 --warmup 0 --image-size 32 --classes 30
ok "raw images in another size, with more classes" [ "$status" = 0 ]
run --data "$temp/images.raw" --batch-size 2 --steps 1 --classes 10
ok "raw images in fewer classes" refused "--classes: 10"
raw 3 40 20 20 >"$temp/bad.raw"
run --data "$temp/bad.raw" --batch-size 2 --steps 1
ok "a label that is no class" refused "label 20"
head -c 1000 "$temp/images.raw" >"$temp/bad.raw"
run --data "$temp/bad.raw" --batch-size 2 --steps 1
ok "raw images that are cut" refused "has 1000 bytes"
raw 3 8 20 0 >"$temp/bad.raw"
run --data "$temp/bad.raw" --batch-size 2 --steps 1
ok "raw images too small to be trained on" refused "--image-size"
printf 'PNG' >"$temp/bad.raw"
run --data "$temp/bad.raw" --batch-size 2 --steps 1
ok "a file of something else" refused "$temp/bad.raw"

done_testing
