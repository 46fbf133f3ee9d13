#!/usr/bin/env bash
# One bounded session on a GPU: builds, checks, sweeps, measures; prints a short table of what
# passed and leaves the CSVs, logs and a capture under the folder given.
# usage: tests/gpu/acceptance.sh OUT [PART...]     parts: build check sweep malloc untouched cost, and on
# request, some eight minutes each: price (beside other profilers), beside (beside PyTorch)
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
out=$1
shift
parts=("${@:-}")
[ -n "${parts[0]}" ] || parts=(build check sweep malloc untouched cost)
mkdir -p "$out"
table=()

part() { # $1: name; the rest: command
    local name=$1 start=$SECONDS status=0
    shift
    "$@" >"$out/$name.log" 2>&1 || status=$?
    table+=("$(printf '%-12s exit %d  %3d s' "$name" "$status" $((SECONDS - start)))")
    if [ "$status" != 0 ]; then
        tail -n 25 "$out/$name.log"
        [ "$name" != build ] || { echo "acceptance.sh: no build, no session" >&2; exit 1; }
    fi
}
sweep() {
    CUDA_VISIBLE_DEVICES=0 ./stage1_validate.sh --batch-sizes 4 8 16 32 64 --no-plots --out "$out/reports"
}
malloc() {
    CUDA_VISIBLE_DEVICES=0 ./stage1_validate.sh --batch-sizes 4 16 64 --no-plots --out "$out/reports_malloc" \
        --allocator malloc --optimizer sgd
}
cost() {
    bench/step_cost.sh --batch-sizes 4 --turns 9 --steps 40 --only 'recorded timed'
    bench/step_cost.sh --batch-sizes 64 --turns 4 --steps 15 --only 'recorded timed'
}
price() { bench/step_cost.sh --batch-sizes 4 --turns 4 --steps 30; bench/step_cost.sh --batch-sizes 64 --turns 3 --steps 12; }

for p in "${parts[@]}"; do
    case $p in
    build) part build make -j"$(nproc)" all ;;
    check) part check make -k check-gpu ;;
    sweep) part sweep sweep; tail -n 60 "$out/sweep.log" ;;
    malloc) part malloc malloc; tail -n 30 "$out/malloc.log" ;;
    untouched) part untouched tests/gpu/untouched.sh; cat "$out/untouched.log" ;;
    cost) part cost cost; cat "$out/cost.log" ;;
    price) part price price; cat "$out/price.log" ;;
    beside) part beside tests/gpu/beside_pytorch.sh; cat "$out/beside.log" ;;
    *) echo "acceptance.sh: unknown part '$p'" >&2; exit 2 ;;
    esac
done
printf '%s\n' "${table[@]}"
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
