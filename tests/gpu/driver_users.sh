#!/usr/bin/env bash
# What the recorder sees, on real hardware, of programs that it reaches through the driver: static cudart,
# CuPy, JAX with and without its preallocation, PyTorch with expandable segments. What is not installed is
# skipped by name. Prints TAP; each expected figure is worked out from what the program asks for.
set -euo pipefail
cd "$(dirname "$0")/../.."
. tests/tap.sh
build=${BUILD:-build}
graphprof=$build/graphprof
mib=$((1 << 20))
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
[ "$("$graphprof" run --show-device)" = cuda ] || skip_all "no CUDA driver answers"

run() { # run OUT COMMAND...
    local out=$1
    shift
    "$graphprof" run --softgpu no -o "$temp/$out" -- "$@" >"$temp/said" 2>"$temp/err" || { sed 's/^/# /' "$temp/err" && return 1; }
}
# Of the capture: bytes of the largest allocations, and the most device memory live at once. Physical memory
# goes with its release: these programs unmap first.
allocated() { "$graphprof" dump "$temp/$1/capture.gpcap" | sed -n "s/.* ALLOC .* bytes=\([0-9]*\) .*space=\(device\|physical\|pool\) .*/\1/p"; }
most_live() {
    "$graphprof" dump "$temp/$1/capture.gpcap" | awk '
        $4 == "ALLOC" && / space=(device|physical|pool) / { split($6, b, "="); live += b[2]; of[$5] = b[2]; if (live > most) most = live }
        $4 == "FREE" && ($5 in of) { live -= of[$5]; delete of[$5] }
        END { printf "%.0f\n", most }'
}
has_module() { command -v python3 >/dev/null && python3 -c "import $1" 2>/dev/null; }
between() { [ "$1" -ge "$2" ] && [ "$1" -le "$3" ]; }

if [ -x "$build/tests/gpu/static_cudart" ]; then
    ok "static cudart: the program ends well" run static "$build/tests/gpu/static_cudart"
    is "$(allocated static | grep -c "^$((64 * mib))\$") $(allocated static | grep -c "^$((32 * mib))\$") $(most_live static)" \
        "1 4 $((96 * mib))" "static cudart: each allocation once, failed ones not"
    ok "static cudart, without LD_PRELOAD: the program ends well" run injected env -u LD_PRELOAD "$build/tests/gpu/static_cudart"
    is "$(most_live injected)" $((96 * mib)) "static cudart, without LD_PRELOAD: the same peak"
else
    skip "static cudart" "$build/tests/gpu/static_cudart is not built"
fi

if has_module cupy; then
    ok "CuPy: the program ends well" run cupy python3 -c '
import cupy
cupy.cuda.set_allocator(None)
arrays = [cupy.empty(n << 20, dtype=cupy.uint8) for n in (5, 7, 11)]
cupy.cuda.Device().synchronize()'
    for n in 5 7 11; do
        is "$(allocated cupy | grep -c "^$((n * mib))\$")" 1 "CuPy: the array of $n MiB is seen once"
    done
else
    skip "CuPy" "it is not installed"
fi

if has_module jax; then
    total=$(($(nvidia-smi --query-gpu=memory.total --format=csv,noheader,nounits | head -n 1) * mib))
    program='import jax.numpy as n; n.zeros((64 << 20,), dtype=n.uint8).block_until_ready()'
    ok "JAX, preallocation on: the program ends well" run jax.on env XLA_PYTHON_CLIENT_PREALLOCATE=true \
        XLA_PYTHON_CLIENT_MEM_FRACTION=.25 python3 -c "$program"
    ok "JAX, preallocation on: one allocation of a quarter of the memory that the driver leaves it" between \
        "$(allocated jax.on | sort -n | tail -n 1)" $((total / 5)) $((total / 4))
    ok "JAX, preallocation off: the program ends well" run jax.off env XLA_PYTHON_CLIENT_PREALLOCATE=false python3 -c "$program"
    ok "JAX, preallocation off: the 64 MiB and little more" between "$(most_live jax.off)" $((64 * mib)) $((total / 10))
else
    skip "JAX" "it is not installed"
fi

if has_module torch; then
    ok "PyTorch, expandable segments: the program ends well" run torch env PYTORCH_CUDA_ALLOC_CONF=expandable_segments:True python3 -c '
import torch
x = torch.empty(64 << 20, dtype=torch.uint8, device="cuda")
y = torch.empty(32 << 20, dtype=torch.uint8, device="cuda")
del x
torch.cuda.empty_cache()
print(torch.cuda.max_memory_reserved())'
    is "$("$graphprof" dump "$temp/torch/capture.gpcap" | awk '
        $4 == "ALLOC" && / space=physical / { split($6, b, "="); live += b[2]; of[$5] = b[2]; if (live > most) most = live }
        $4 == "FREE" && / space=physical / { live -= of[$5]; delete of[$5] }
        END { printf "%.0f\n", most }')" "$(tail -n 1 "$temp/said")" "PyTorch, expandable segments: as much as PyTorch says it reserved"
else
    skip "PyTorch, expandable segments" "it is not installed"
fi
done_testing
