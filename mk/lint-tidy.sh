#!/usr/bin/env bash
# clang-tidy over the files given after `--`'s flags; prints findings alone and fails on any.
# usage: lint-tidy.sh 'FLAGS' FILE...
set -euo pipefail
flags=$1
shift
# shellcheck disable=SC2086 # the flags are words
found=$(printf '%s\n' "$@" | xargs -P"$(nproc)" -I{} clang-tidy --quiet {} -- $flags 2>/dev/null || true)
if [ -n "$found" ]; then
    printf '%s\n' "$found" >&2
    exit 1
fi
