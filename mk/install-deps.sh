#!/bin/sh
# Installs the Debian/Ubuntu packages that building, testing and plotting need and that are missing.
# As root, or with sudo that asks no password; otherwise prints the one command to run.
# On a machine without apt, or where the archive cannot be reached, it says what is missing and
# goes on: what needs it is left out by name.
packages='gcc g++ make perl gnuplot-nox libdnnl-dev libcmocka-dev libcjson-dev uthash-dev shellcheck clang-format clang-tidy cppcheck'
command -v dpkg-query >/dev/null 2>&1 || exit 0
missing=
for p in $packages; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $p"
done
[ -n "$missing" ] || exit 0
as_root=
if [ "$(id -u)" -ne 0 ]; then
    if sudo -n true 2>/dev/null; then as_root='sudo -n'; else
        echo "graphprof: packages are missing; run: sudo apt-get install$missing" >&2
        exit 0
    fi
fi
echo "graphprof: installing$missing" >&2
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # the lists are words
{ $as_root apt-get update -qq && $as_root apt-get install -y -qq $missing; } >&2 ||
    echo "graphprof: could not install; run: apt-get install$missing" >&2
exit 0
