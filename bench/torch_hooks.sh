#!/usr/bin/env bash
# What graphprof's hooks for PyTorch (python/) cost the host: bench/torch_hooks.py, a network of ResNet-152's modules
# with next to no arithmetic, on PyTorch's CPU part (GRAPHPROF_PYTHON=always), every step recorded in detail. Three
# kinds of runs in turns:
#   bare      without graphprof
#   recorded  with it, but without hooks (GRAPHPROF_PYTHON=no)
#   hooks     with them
# A run's figure is its fastest step's CPU ms, since on a shared machine others take the processor's cache. Prints
# least - median - most of the turns; and what hooks take above recorded, the recording of their ranges included, a
# call of a module that has none inside.
#
# usage: bench/torch_hooks.sh [--turns N] [--steps N]
# environment: PYTHON (/usr/bin/python3), BUILD (build)
set -euo pipefail
cd "$(dirname "$0")/.."
. bench/quantiles.sh

turns=7 steps=60 python=${PYTHON:-/usr/bin/python3} build=${BUILD:-$PWD/build}
while [ $# -gt 0 ]; do
    case $1 in
    --turns) turns=$2; shift 2 ;;
    --steps) steps=$2; shift 2 ;;
    *) echo "bench/torch_hooks.sh: unknown option '$1'" >&2; exit 2 ;;
    esac
done
"$python" -c 'import torch' 2>/dev/null || { echo "bench/torch_hooks.sh: skipped: $python has no torch"; exit 0; }
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
export PYTHONDONTWRITEBYTECODE=1

run() { # run NAME COMMAND...: appends a line to NAME's
    local name=$1
    shift
    "$@" "$python" bench/torch_hooks.py "$steps" 2>"$scratch/said" >>"$scratch/$name" ||
        { cat "$scratch/said" >&2; exit 1; }
}
recorded() { # recorded NAME HOOKS
    run "$1" env LD_LIBRARY_PATH="$build/softgpu" LD_PRELOAD="$build/libgraphprof.so" PYTHONPATH="$build/python" \
        GRAPHPROF_PYTHON="$2" GRAPHPROF_OUT="$scratch/out" GRAPHPROF_REPORT=no GRAPHPROF_STEPS=all
}
for ((turn = 0; turn < turns; turn++)); do
    run bare env
    recorded recorded no
    recorded hooks always
done

echo "torch $("$python" -c 'import torch; print(torch.__version__)'), $turns turns of $steps steps"
echo
echo "| | step | forward | backward |"
echo "|---|---|---|---|"
least_to_most() { # least_to_most NAME COLUMN
    cut -d ' ' -f "$2" "$scratch/$1" | quantiles %.2f 0 50 100 | sed 's/ / - /g'
}
for name in bare recorded hooks; do
    echo "| $name, ms | $(least_to_most $name 1) | $(least_to_most $name 2) | $(least_to_most $name 3) |"
done
above() { # above COLUMN: hooks less recorded, us a call, by least and by median
    paste -d ' ' <(least_to_most recorded "$1") <(least_to_most hooks "$1") |
        awk -v calls="$(head -n 1 "$scratch/hooks" | cut -d ' ' -f 4)" \
            '{ printf "%.1f - %.1f\n", 1e3 * ($6 - $1) / calls, 1e3 * ($8 - $3) / calls }'
}
echo "| hooks, us a module, by least and by median | $(above 1) | $(above 2) | $(above 3) |"
