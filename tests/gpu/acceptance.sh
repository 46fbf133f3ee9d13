#!/usr/bin/env bash
# One bounded session on a GPU: builds, then each part under the time that is left; at its end every line that
# says a test failed or was skipped, and a table: what passed, and how long it took. Logs, CSVs and captures
# stay under the folder given.
#
# usage: tests/gpu/acceptance.sh OUT [PART...]
#   build                                          always first
#   assumptions graphs driver events time books    one script of this folder each
#   ranks                                          jobs of several processes; two devices where there are two
#   pytorch-graph pytorch-compiled                 PyTorch: a step that is a graph, one that is compiled
#   pytorch pytorch64                              three models at batch 4 and 64, two to three minutes each
#   numbers                                        operators, PyTorch's numbers, every intercepted function
#   untouched sweep malloc cost                    same output; the stage-1 sweep, with either allocator; overhead
#   price beside memory pytorch-cost               on request: beside other profilers (seven minutes), PyTorch
#                                                  (three); the recorder's own memory (one); what PyTorch's
#                                                  steps take (five)
# environment: SECONDS_MAX (570): what is not done by then is stopped or left out, and said to be
set -uo pipefail
cd "$(dirname "$0")/../.." || exit 2
[ $# -gt 0 ] || { sed -n '/^# usage/,/^# environment/s/^# //p' "$0" >&2 && exit 2; }
out=$1
shift
parts=("$@")
[ $# -gt 0 ] || parts=(assumptions graphs driver events time books ranks pytorch-graph pytorch-compiled pytorch numbers untouched sweep malloc cost)
mkdir -p "$out"
table=() worst=0

part() { # part NAME COMMAND...: within the time that is left
    local name=$1 start=$SECONDS status=0 left=$((${SECONDS_MAX:-570} - SECONDS)) log=$out/$1.log
    shift
    if [ "$left" -lt 10 ]; then
        table+=("$(printf '%-12s left out: no time' "$name")") && worst=1
        return 1
    fi
    timeout --kill-after=10 "$left" "$@" >"$log" 2>&1 </dev/null || status=$?
    [ "$status" = 0 ] || worst=1
    [ "$status" != 124 ] && [ "$status" != 137 ] || echo "not ok - stopped: no time" >>"$log"
    table+=("$(printf '%-12s exit %-3d %4d s %4d passed %3d failed %3d skipped' "$name" "$status" $((SECONDS - start)) \
        "$(grep -cE '^(ok |PASS)' "$log")" "$(grep -cE '^(not ok|FAIL)' "$log")" "$(grep -cE '# SKIP|skipped:' "$log")")")
    grep -E '^(not ok|FAIL)|# SKIP|skipped:|\*\*\*|^graphprof:' "$log" | sort -u | sed "s/^/$name: /" | head -n 40
    [ "$status" = 0 ] || { echo "$name: the log's last lines:" && tail -n 15 "$log" | cut -c 1-300 | sed 's/^/    /'; }
    return "$status"
}
sweep() { # sweep NAME OPTION...
    part "$1" env CUDA_VISIBLE_DEVICES=0 ./stage1_validate.sh --no-plots --out "$out/reports_$1" "${@:2}"
    sed -n '/^peak/,$p' "$out/$1.log" | tail -n 45
}
cost() { # cost NAME BATCH TURNS STEPS [PROFILERS]
    part "$1" bench/step_cost.sh --batch-sizes "$2" --turns "$3" --steps "$4" ${5:+--only "$5"}
    grep '^|\|left out' "$out/$1.log"
}
test_script() { part "$1" make --no-print-directory "check-gpu-$2" && grep '^#' "$out/$1.log"; }

part build make -j"$(nproc)" all || { printf '%s\n' "${table[@]}" && exit 1; }
for p in "${parts[@]}"; do
    case $p in
    build) ;;
    assumptions | graphs | events | time | books | ranks | pytorch-graph) test_script "$p" "$p" ;;
    driver) test_script driver driver-users ;;
    pytorch-compiled) part pytorch-compiled tests/gpu/pytorch.sh 'tiny_compiled gpt2_compiled' 4 && grep '^[o#]' "$out/pytorch-compiled.log" ;;
    pytorch) part pytorch tests/gpu/pytorch.sh 'resnet152 vit_b_16 gpt2' 4 && grep '^[o#]' "$out/pytorch.log" ;;
    pytorch64) part pytorch64 tests/gpu/pytorch.sh 'resnet152 vit_b_16 gpt2' 64 && grep '^[o#]' "$out/pytorch64.log" ;;
    pytorch-cost) part pytorch-cost bench/pytorch_step.sh --batch-sizes 4 --launches 3 && cat "$out/pytorch-cost.log" ;;
    numbers) part numbers make --no-print-directory -k check-ops-gpu check-golden-gpu check-gpu-preload ;;
    untouched) part untouched tests/gpu/untouched.sh ;;
    sweep) sweep sweep --batch-sizes 4 8 16 32 64 ;;
    malloc) sweep malloc --batch-sizes 4 8 16 32 64 --allocator malloc --optimizer sgd ;;
    cost) cost cost4 4 5 40 'recorded timed events' && cost cost64 64 3 12 'recorded timed events' ;;
    price) cost price4 4 4 30 && cost price64 64 3 12 ;;
    memory) part memory make --no-print-directory bench-device-memory && grep '^|' "$out/memory.log" ;;
    beside) part beside tests/gpu/beside_pytorch.sh && cat "$out/beside.log" ;;
    *) echo "acceptance.sh: unknown part '$p'" >&2 && worst=2 ;;
    esac
done
printf '%s\n' "${table[@]}"
nvidia-smi --query-gpu=name,driver_version --format=csv,noheader
exit "$worst"
