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
# the slow ones too.
#
# usage: bench/pytorch_step.sh [--models "NAME..."] [--batch-sizes "N..."] [--launches N] [--steps N] [--only "KIND..."]
# environment: PYTHON (python3), BUILD (build), DEVICE (cuda; cpu tries this script out), CORES (2-5, as taskset has them)
set -euo pipefail
cd "$(dirname "$0")/.."

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
launch() { # launch MODEL BATCH: each kind's steps, a line each, go behind those in $scratch/KIND.ms
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
    for kind in "${all_kinds[@]}"; do sed -n 's/^steps_ms //p' "$scratch/$kind.said" | tr ' ' '\n' >>"$scratch/$kind.ms"; done
    rm "$scratch/done" "$scratch"/turn_*
}
part() { # part FORMAT PERCENT...: of stdin's numbers, those below which so many lie
    sort -n | awk -v format="$1" -v wanted="${*:2}" '{ v[NR] = $1 }
        END { n = split(wanted, p, " "); for (i = 1; i <= n; i++) printf format " ", v[1 + int((NR - 1) * p[i] / 100)] }'
}
ratios() { paste "$scratch/$1.ms" "$scratch/bare.ms" | awk '{ print $1 / $2 }'; } # ratios KIND

gpu=$(nvidia-smi --query-gpu=name,driver_version --format=csv,noheader 2>/dev/null | head -n 1) || gpu=$device
echo "$gpu, torch $("$python" -c 'import torch; print(torch.__version__)');" \
    "$launches launches, $steps steps each, in turns on cores $cores; $(date +%F)."
echo
echo "| model | batch | | step ms | ratio to bare: median (10 % - 90 %) | each launch's | all steps together |"
echo "|---|---|---|---|---|---|---|"
for model in $models; do
    for batch in $batches; do
        rm -f "$scratch"/*.ms
        for ((i = 0; i < launches; i++)); do launch "$model" "$batch"; done
        for kind in "${all_kinds[@]}"; do
            read -r median <<<"$(part %.2f 50 <"$scratch/$kind.ms")"
            read -r ratio low high <<<"$(ratios "$kind" | part %.3f 50 10 90)"
            each=$(ratios "$kind" | split -l "$steps" --filter="sort -n | sed -n $(((steps + 1) / 2))p" - | xargs printf '%.3f ')
            together=$(paste "$scratch/$kind.ms" "$scratch/bare.ms" | awk '{ a += $1; b += $2 } END { printf "%.3f", a / b }')
            echo "| $model | $batch | $kind | $median | $ratio ($low - $high) | ${each% } | $together |"
        done
    done
done
