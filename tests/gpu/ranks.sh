#!/usr/bin/env bash
# Several processes and several devices on real hardware: a job of torchrun's and one of mpirun's under one
# `graphprof run`, with a table a rank and one over all; where there are two GPUs, a GPU a rank, and one process
# that allocates on both (tests/integration/two_devices.c, whose figures are worked out in two_devices.t).
# What is not installed is skipped by name. Prints TAP. Within two minutes.
# usage: tests/gpu/ranks.sh      environment: PYTHON (python3)
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build} python=${PYTHON:-python3}
graphprof=$build/graphprof
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
[ "$("$graphprof" run --show-device)" = cuda ] || skip_all "no CUDA driver answers"
devices=$(nvidia-smi --list-gpus | wc -l)
echo "# $devices GPU(s)"
run() { # run OUT COMMAND...
    local out=$temp/$1
    shift
    timeout 150 "$graphprof" run --softgpu no -o "$out" -- "$@" >"$temp/said" 2>"$temp/err" ||
        { tail -n 8 "$temp/err" | sed 's/^/# /' && return 1; }
}
summary() { sed -n "s/^ *\"$2\": \(.*[^,]\),*\$/\1/p" "$temp/$1/summary.json"; }
rows() { # rows FILE NAME COLUMN...: of a CSV, the rows of that name
    local file=$temp/$1 name=$2
    shift 2
    awk -F, -v name="$name" -v columns="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(columns, wanted, " "); next }
        $at["name"] == name && (!("node_type" in at) || $at["node_type"] == "op") {
            for (i = 1; i <= n; i++) printf "%s%s", $at[wanted[i]], i < n ? " " : "\n" }' "$file"
}
near() { awk "BEGIN { exit !(($1 - $2) <= $2 / 100 && ($2 - $1) <= $2 / 100) }"; }

if "$python" -c 'import sys, torch; sys.exit(not torch.cuda.is_available())' 2>/dev/null; then
    ok "torchrun: the job ends well" run torchrun "$python" -m torch.distributed.run --standalone --nproc-per-node 2 \
        tests/gpu/pytorch_ranks.py
    for rank in 0 1; do
        folder=torchrun/rank_00$rank
        peak=$(($(summary $folder peak_bytes) - $(summary $folder peak_library_bytes)))
        torch=$(sed -n "s/^rank $rank peak_bytes //p" "$temp/said")
        ok "torchrun: rank $rank: peak $peak, PyTorch's $torch bytes, within 1 %" near "$peak" "${torch:-0}"
        is "$(summary $folder rank) $(summary $folder balance_violations) $(summary $folder unknown_frees)" "$rank 0 0" \
            "torchrun: rank $rank: its own books balance"
    done
    is "$(rows torchrun/ranks.csv forward ranks max_peak_mem_rank)" "2 1" \
        "torchrun: one table over both, and rank 1 has most"
    sed -n '/^ranks:/,$p' "$temp/err" | head -n 12 | sed 's/^/# /'
else
    skip "torchrun" "$python has no PyTorch that finds a GPU"
fi

if command -v mpirun >/dev/null; then
    # shellcheck disable=SC2016 # the rank's shell expands it
    ok "mpirun: the job ends well" run mpirun mpirun --allow-run-as-root --oversubscribe -n 2 sh -c \
        'CUDA_VISIBLE_DEVICES=$((OMPI_COMM_WORLD_RANK % '"$devices"')) exec '"$build"'/resnet152 --batch-size 4 --steps 6 --warmup 2'
    is "$(for rank in 0 1; do summary mpirun/rank_00$rank books_parameter_bytes; done | tr '\n' ' ')" \
        "240771232 240771232 " "mpirun: each rank has the parameters"
    is "$(rows mpirun/ranks.csv backward/conv1 ranks peak_mem_imbalance)" "2 1.000000" \
        "mpirun: one table over both, and memory is even"
else
    skip "mpirun" "mpirun is not installed (openmpi-bin)"
fi

if [ "$devices" -ge 2 ]; then
    ok "two devices: the program ends well" run two "$build/tests/integration/two_devices"
    nodes() { for node in first second across drop; do
        rows "$1/nodes.csv" $node device median_active_mem_bytes median_peak_mem_bytes median_active_mem_after_bytes
    done; }
    is "$(nodes two)" "$(printf 'cuda:0 %s\n' "0 1000 1000" "1000 1000 1000" "1000 1000 0" "0 0 0")" \
        "two devices: tables of the first"
    is "$(nodes two/device_1)" "$(printf 'cuda:1 %s\n' "0 0 0" "0 300 300" "300 410 410" "410 410 0")" \
        "two devices: and of the second"
else
    skip "two devices in one process" "there is one GPU"
fi
done_testing
