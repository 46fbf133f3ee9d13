#!/usr/bin/env bash
# PyTorch, unchanged, on real hardware: pytorch_train.py bare and under `graphprof run`, held against what
# PyTorch itself says. For each model and batch size:
#   - the recorded peak of a step is torch.cuda.max_memory_allocated within 1 %, libraries' memory left out
#   - segments are torch.cuda.max_memory_reserved, to the byte
#   - parameters, gradients and optimizer states are the allocator's blocks that hold them, to the byte
#   - at least 95 % of the bytes at the peak have a role, and the books balance
#   - resnet152's last loss is the same to the last bit
# In these runs GPU time is not taken (GRAPHPROF_TIME_STEPS=none). At the first batch size two more runs take it,
# by CUPTI and by CUDA events: no work is lost, and a step's is not more than the step.
# Prints TAP. Some two minutes a batch size on an H200. What a recorded step may take: bench/pytorch_step.sh.
# usage: tests/gpu/pytorch.sh ["MODEL..." ["BATCH..."]]      models: resnet152 vit_b_16 gpt2 tiny
#        each also with _compiled behind it: by torch.compile
# environment: PYTHON (python3), STEPS (25), DEVICE (cuda; cpu tries this script out, with no figures),
#        KEEP (a folder: gets each model's report and capture)
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build} python=${PYTHON:-python3} steps=${STEPS:-25} warmup=5 device=${DEVICE:-cuda}
read -ra models <<<"${1:-resnet152 vit_b_16 gpt2}"
read -ra batches <<<"${2:-4 64}"
skip_all() { echo "1..0 # SKIP $1" && exit 0; }
imports() { "$python" -c "import $1" 2>/dev/null; }
imports torch || skip_all "$python has no torch"
[ "$device" != cuda ] || "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null ||
    skip_all "PyTorch finds no GPU"
[ -x "$build/graphprof" ] || skip_all "$build/graphprof is not built"
[ "$device" != cpu ] || export GRAPHPROF_PYTHON=always
echo "# $("$python" -c 'import torch; print("torch", torch.__version__, "CUDA", torch.version.cuda)')"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
number=0 failed=0
result() { # result DESCRIPTION WHETHER
    number=$((number + 1))
    [ "$2" = yes ] || failed=1
    [ "$2" = yes ] && echo "ok $number - $1" || echo "not ok $number - $1"
}
holds() { awk "BEGIN { print ($1) ? \"yes\" : \"no\" }"; } # an expression in numbers
said() { sed -n "s/^$2 //p" "$scratch/$1"; }               # by PyTorch: said RUN NAME
member() { sed -n "s/^ *\"$1\": \(.*[^,]\),*\$/\1/p" "$scratch/out/summary.json"; }
median_ms() { said "$1" steps_ms | tr ' ' '\n' | sort -n | awk '{ v[NR] = $1 } END { print v[int((NR + 1) / 2)] }'; }
train() { # train RUN MODEL BATCH [COMMAND...]
    local run=$1 model=$2 batch=$3
    shift 3
    "$@" "$python" tests/gpu/pytorch_train.py "$model" "$batch" "$steps" "$warmup" "$device" \
        >"$scratch/$run" 2>"$scratch/$run.err"
}
recorded() { # the same arguments
    rm -rf "$scratch/out"
    train "$@" env GRAPHPROF_TIME_STEPS=none "$build/graphprof" run -o "$scratch/out" -- && [ -s "$scratch/out/summary.json" ]
}

compare() { # compare MODEL BATCH
    local what="$1, batch $2" role peak torch
    if ! recorded recorded "$@" || { [ "$1" = resnet152 ] && ! train bare "$@"; }; then
        result "$what: runs" no
        tail -n 5 "$scratch"/*.err | sed 's/^/# /'
        return
    fi
    grep -h '^graphprof' "$scratch/recorded.err" | sed 's/^/# /' || true
    [ -z "${KEEP:-}" ] || { mkdir -p "$KEEP" && cp -r "$scratch/out" "$KEEP/$1_$2"; }
    peak=$(($(member peak_bytes) - $(member peak_library_bytes)))
    torch=$(said recorded peak_bytes)
    result "$what: peak $peak, PyTorch's $torch bytes" \
        "$(holds "($peak - $torch) <= $torch / 100 && ($torch - $peak) <= $torch / 100")"
    result "$what: segments $(member recorded_segments_peak_bytes), PyTorch's $(said recorded reserved_bytes) bytes" \
        "$(holds "$(member recorded_segments_peak_bytes) == $(said recorded reserved_bytes)")"
    for role in parameter gradient opt_state; do
        result "$what: $role $(member "books_${role}_bytes"), PyTorch's blocks $(said recorded "${role}_bytes") bytes ($(said recorded "${role}_requested_bytes") requested)" \
            "$(holds "$(member "books_${role}_bytes") == $(said recorded "${role}_bytes")")"
    done
    result "$what: without a role $(member peak_other_bytes) of $(member peak_bytes) bytes at the peak" \
        "$(holds "$(member peak_other_bytes) <= 0.05 * $(member peak_bytes)")"
    result "$what: the books balance" \
        "$(holds "$(member balance_violations) + $(member unknown_frees) + $(member missed_frees) + $(member bad_marks) == 0")"
    [ "$1" != resnet152 ] || result "$what: the last loss is the same" \
        "$([ -n "$(said bare loss)" ] && [ "$(said bare loss)" = "$(said recorded loss)" ] && echo yes || echo no)"
}

timed() { # timed MODEL BATCH SOURCE
    local what="$1, batch $2, time by $3" field lost=''
    rm -rf "$scratch/out"
    if ! train "timed_$3" "$1" "$2" env GRAPHPROF_TIME_SOURCE="$3" "$build/graphprof" run -o "$scratch/out" -- ||
        [ ! -s "$scratch/out/summary.json" ]; then
        result "$what: runs" no
        tail -n 5 "$scratch/timed_$3.err" | sed 's/^/# /'
        return
    fi
    grep -h '^graphprof' "$scratch/timed_$3.err" | sed 's/^/# /' || true
    for field in gpu_records_lost gpu_steps_incomplete gpu_records_unmatched gpu_launches_without_record; do
        lost+=" $(member $field)"
    done
    result "$what: source $(member gpu_time_source), lost, incomplete, unmatched and without record$lost" \
        "$([ "$(member gpu_time_source)$lost" = "\"$3\" 0 0 0 0" ] && echo yes || echo no)"
    result "$what: $(member gpu_busy_ms) ms of a step of $(member step_median_ms) ms, $(median_ms "timed_$3") by its own clock" \
        "$(holds "$(member gpu_busy_ms) > 0 && $(member gpu_busy_ms) <= 1.5 * $(member step_median_ms)")"
}

for model in "${models[@]}"; do
    needs=torch
    case $model in resnet152* | vit_b_16*) needs=torchvision ;; esac
    for batch in "${batches[@]}"; do
        if imports "$needs"; then
            compare "$model" "$batch"
            [ "$device" != cuda ] || [ "$batch" != "${batches[0]}" ] || {
                timed "$model" "$batch" cupti
                timed "$model" "$batch" event
            }
        else
            number=$((number + 1))
            echo "ok $number - $model, batch $batch # SKIP $python has no $needs"
        fi
    done
done
echo "1..$number"
exit $failed
