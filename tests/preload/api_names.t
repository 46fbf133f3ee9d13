#!/usr/bin/env bash
# The table against the vendor's libraries: each row's name is a function in the library's ELF file, no
# name stands there twice, and the recorder exports each and nothing else.
set -euo pipefail
build=${BUILD:-build}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
count=0
none() { # none DESCRIPTION LINES: there are no such lines
    count=$((count + 1))
    echo "${2:+not }ok $count - $1"
    [ -z "$2" ] || printf '%s\n' "$2" | sed 's/^/# /'
}
exported() { # the functions that a library defines, without their versions
    nm -D --defined-only "$1" | sed -n 's/^[0-9a-f]* [TWi] \([A-Za-z0-9_]*\).*/\1/p' | sort -u
}

"$build/tests/preload/api_names" >"$temp/rows"
none "no name stands in the table twice" "$(cut -d' ' -f2 "$temp/rows" | sort | uniq -d)"
for library in libcudart libcudnn libcublas libcublasLt; do
    folder=$CUDA_LIB
    [ "$library" != libcudnn ] || folder=$CUDNN_LIB
    files=("$folder/$library".so*)
    sed -n "s/^$library //p" "$temp/rows" | sort >"$temp/wanted"
    [ -s "$temp/wanted" ] || echo "(no row at all)" >>"$temp/wanted"
    none "each row of $library is in ${files[0]}" \
        "$(exported "${files[0]}" | comm -23 "$temp/wanted" -)"
done
# One symbol or the other, by its version; PyTorch need not be there.
c10=$(find /usr/lib/x86_64-linux-gnu -name 'libc10.so*' -print -quit 2>/dev/null || true)
if [ -n "$c10" ]; then
    sed -n "s/^libc10 //p" "$temp/rows" | sort >"$temp/wanted"
    found=$(exported "$c10" | comm -12 "$temp/wanted" - | wc -l)
    none "one row of libc10 is in $c10" "$([ "$found" = 1 ] || echo "$found are")"
fi
{
    cut -d' ' -f2 "$temp/rows"
    printf '%s\n' InitializeInjection InitializeInjectionNvtx2 graphprof_{in_detail,mark,name,python_connect,range_{end,follow,next,pop,push}}
} | sort >"$temp/wanted"
none "libgraphprof.so exports the table, the entries for NVTX and the driver and that of our own hooks, and nothing else" \
    "$(exported "$build/libgraphprof.so" | comm -3 "$temp/wanted" -)"
echo "1..$count"
