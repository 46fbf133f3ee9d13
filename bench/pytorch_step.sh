#!/usr/bin/env bash
# What watching costs a training step of PyTorch: tests/gpu/pytorch_train.py bare and watched, as processes that live
# side by side on the same cores and GPU and take their steps in turns, one at a time. So the steps of a round
# are milliseconds apart, and what else goes on in the machine meets them alike; ratios are taken round by round.
#   bare      without graphprof
#   again     the same: what two alike processes differ by
#   recorded  memory and roles; neither Python's part nor GPU time
#   named     with Python's part: steps, phases, modules and roles by name
#   all       as `graphprof run` does it: GPU time of some of the steps too
# They are launched several times, for a process can be slower than its like as long as it lives. Prints a table: the
# median step; the ratio to the bare step as median (10 % - 90 %) of all rounds, and each launch's; all steps together,
# the slow ones too. Exit status 1, and a line behind the table, where by that median a recorded step takes more than 1.10
# times a bare one at a batch size below 64, or than 1.03 from there on.
#
# usage: bench/pytorch_step.sh [--models "NAME..."] [--batch-sizes "N..."] [--launches N] [--steps N] [--only "KIND..."]
# environment: PYTHON (python3), BUILD (build), DEVICE (cuda; cpu tries this script out), CORES (2-5, as taskset has them)
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/quantiles.sh

models='resnet152 vit_b_16 gpt2' batches='4 64' launches=5 steps=100 warmup=10 kinds='recorded again named all'
python=${PYTHON:-python3} build=${BUILD:-build} device=${DEVICE:-cuda} cores=${CORES:-2-5}
while [ $# -gt 0 ]; do
    case $1 in
    --models) models=$2; shift 2 ;;
    --batch-sizes) batches=$2; shift 2 ;;
    --launches) launches=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    --only) kinds=$2; shift 2 ;;
    *) echo "bench/pytorch_step.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
done
"$python" -c 'import sys, torch; sys.exit("'"$device"'" == "cuda" and not torch.cuda.is_available())' 2>/dev/null ||
    { echo "bench/pytorch_step.sh: skipped: $python has no torch that sees a GPU"; exit 0; }
[ "$device" != cpu ] || export GRAPHPROF_PYTHON=always
read -ra all_kinds <<<"bare $kinds"
scratch=$(mktemp -d)
trap 'kill $(jobs -p) 2>/dev/null || true; rm -rf "$scratch"' EXIT
export GRAPHPROF_REPORT=no OMP_NUM_THREADS=1 # no threads that spin in another's turn

start() { # start KIND MODEL BATCH: in the background
    local command=() watched=("$build/graphprof" run -o "$scratch/out_$1" --)
    case $1 in
    bare | again) ;;
    recorded) command=(env GRAPHPROF_TIME_STEPS=none GRAPHPROF_PYTHON=no "${watched[@]}") ;;
    named) command=(env GRAPHPROF_TIME_STEPS=none "${watched[@]}") ;;
    all) command=("${watched[@]}") ;;
    *) echo "bench/pytorch_step.sh: unknown kind '$1'" >&2; exit 2 ;;
    esac
    taskset -c "$cores" timeout 400 "${command[@]}" "$python" tests/gpu/pytorch_train.py "$2" "$3" "$steps" "$warmup" \
        "$device" >"$scratch/$1.said" 2>"$scratch/$1.err" &
}
launch() { # launch MODEL BATCH: each kind's steps, a line each, into $scratch/KIND.ms
    local i order_of_round kind turn=()
    mkfifo "$scratch/done"
    exec {done}<>"$scratch/done"
    for kind in "${all_kinds[@]}"; do
        rm -rf "$scratch/out_$kind"
        mkfifo "$scratch/turn_$kind"
        exec {i}<>"$scratch/turn_$kind"
        turn+=("$i")
        TAKE_TURNS="$scratch/turn_$kind $scratch/done" start "$kind" "$@"
    done
    while read -ra order_of_round; do # another order each round, for whoever comes next finds the caches as they were left
        for i in "${order_of_round[@]}"; do
            printf '*' >&"${turn[i]}"
            read -r -n 1 -t 100 -u "$done" _ || { tail -n 5 "$scratch"/*.err >&2; exit 1; }
        done
    done < <(awk -v rounds=$((warmup + steps)) -v n="${#all_kinds[@]}" 'BEGIN {
        srand(1)
        for (i = 0; i < n; i++) order[i] = i
        while (rounds-- > 0) {
            for (i = n - 1; i > 0; i--) { j = int(rand() * (i + 1)); k = order[i]; order[i] = order[j]; order[j] = k }
            for (i = 0; i < n; i++) printf "%d ", order[i]
            print ""
        } }')
    for kind in "${all_kinds[@]}"; do
        wait -n || { tail -n 5 "$scratch"/*.err >&2; exit 1; }
    done
    for i in "$done" "${turn[@]}"; do exec {i}>&-; done
    for kind in "${all_kinds[@]}"; do sed -n 's/^steps_ms //p' "$scratch/$kind.said" | tr ' ' '\n' >"$scratch/$kind.ms"; done
    rm "$scratch/done" "$scratch"/turn_*
}
ratios() { paste "$scratch/$1.$2" "$scratch/bare.$2" | awk '{ print $1 / $2 }'; } # ratios KIND ms|all

broken=()
hold() { # hold MODEL BATCH: what a recorded step may take
    local at_most=1.10 ratio
    [ "$2" -lt 64 ] || at_most=1.03
    ratio=$(ratios recorded all | quantiles %.3f 50)
    awk "BEGIN { exit !($ratio > $at_most) }" || return 0
    broken+=("$1, batch $2: a recorded step takes $ratio times a bare one, at most $at_most")
}

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1) || gpu=$device
echo "$gpu, torch $("$python" -c 'import torch; print(torch.__version__)');" \
    "$launches launches, $steps steps each, in turns on cores $cores; $(date +%F)."
echo
echo "| model | batch | | step ms | ratio to bare: median (10 % - 90 %) | each launch's | all steps together |"
echo "|---|---|---|---|---|---|---|"
for model in $models; do
    for batch in $batches; do
        declare -A each=()
        rm -f "$scratch"/*.all
        for ((i = 0; i < launches; i++)); do
            launch "$model" "$batch"
            for kind in "${all_kinds[@]}"; do
                cat "$scratch/$kind.ms" >>"$scratch/$kind.all"
                each[$kind]+=" $(ratios "$kind" ms | quantiles %.3f 50)"
            done
        done
        for kind in "${all_kinds[@]}"; do
            together=$(paste "$scratch/$kind.all" "$scratch/bare.all" | awk '{ a += $1; b += $2 } END { printf "%.3f", a / b }')
            echo "| $model | $batch | $kind | $(quantiles %.2f 50 <"$scratch/$kind.all") |" \
                "$(ratios "$kind" all | spread %.3f 10 90) |${each[$kind]} | $together |"
        done
        ! grep -qw recorded <<<"$kinds" || hold "$model" "$batch"
    done
done
[ ${#broken[@]} = 0 ] || { printf '\n'; printf '%s\n' "${broken[@]}"; exit 1; }
