#!/usr/bin/env bash
# What the recorder is as a file: it needs libc only, leaves dlsym and dlopen alone, and its
# unversioned functions take the calls that a program makes to a version.
. tests/integration/lib.sh
needed=$(readelf -dW "$recorder" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | grep -vx 'ld-linux.*' || true)
is "$needed" libc.so.6 "it needs libc and nothing else"
nm -D --defined-only "$recorder" | awk '{print $3}' | sed 's/@.*//' >"$temp/exports"
ok "it exports cudaMalloc" grep -qx cudaMalloc "$temp/exports"
ok "and InitializeInjectionNvtx2" grep -qx InitializeInjectionNvtx2 "$temp/exports"
ok "and InitializeInjection" grep -qx InitializeInjection "$temp/exports"
is "$(grep -xE 'dlsym|dlvsym|dlopen|dlmopen|dlclose|malloc|free|calloc|realloc|fork|exit|_exit|write' "$temp/exports" || true)" \
    "" "and no function of libc's"
is "$(grep -vE '^(__)?(cuda|cudnn|cublas)|^InitializeInjection|^_ZN3c10|^graphprof_' "$temp/exports" || true)" "" \
    "and no name that is not CUDA's, c10's or ours"

LD_DEBUG=bindings LD_DEBUG_OUTPUT=$temp/bindings recorded "$temp/out" "$programs/errno_kept" >"$temp/stdout"
cat "$temp"/bindings.* >"$temp/all"
ok "the program asks for cudaMalloc with a version" \
    grep -qE "errno_kept .*to .*: normal symbol .cudaMalloc' \[libcudart\.so\.13\]" "$temp/all"
is "$(grep -E 'binding file [^ ]*errno_kept .*symbol .cuda(Malloc|Free|Memset). ' "$temp/all" |
    grep -cv "to $recorder " || true)" 0 "and is bound to the recorder"
done_testing
