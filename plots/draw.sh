#!/usr/bin/env bash
# Draws all figures of a sweep: five for each REPORTS/batch_NNN into that folder, and five over all
# of them into REPORTS; or the five of a single run, into its folder. Bad CSVs stop it with one line and
# exit status 2; no half picture stays.
# usage: plots/draw.sh [--batch-sizes 'N...'] [--format png|svg|pdf] [--card NAME] [--note TEXT] REPORTS
#        plots/draw.sh [--format png|svg|pdf] [--card NAME] [--note TEXT] RUN
set -euo pipefail
export LC_ALL=C.UTF-8 # as style.gp says
plots=$(dirname "$0")
root=$(dirname "$plots")
graphprof=${GRAPHPROF:-$root/build/graphprof}
per_batch='memory_timeline tensor_lifetimes nodes_by_time nodes_by_memory bytes_vs_idle'
over_all='peak_breakdown step_time timelines_overlaid time_by_phase activations_and_throughput'

fail() {
    echo "plots/draw.sh: $*" >&2
    exit 2
}
sizes='' format=png card='' note=''
while [ $# -gt 1 ]; do
    case $1 in
    --batch-sizes) sizes=$2 ;;
    --format) format=$2 ;;
    --card) card=$2 ;;
    --note) note=$2 ;;
    *) fail "unknown option '$1'" ;;
    esac
    shift 2
done
reports=${1:-}
case $reports in
'' | -*) fail "expected the folder of a sweep or of a run behind the options, found '$reports'" ;;
esac
case $format in png | svg | pdf) ;; *) fail "option '--format': expected png, svg or pdf, not '$format'" ;; esac
case "$reports$card$note" in *[\"\'\`\\]*) fail "no quote or backslash may be in the folder's name, --card or --note" ;; esac
command -v gnuplot >/dev/null || fail "gnuplot is missing: apt-get install gnuplot-nox"

folders=()
if [ -e "$reports/nodes.csv" ]; then
    [ -z "$sizes" ] || fail "$reports: expected a sweep for --batch-sizes, found a single run"
    folders=("$reports") over_all=''
elif [ -n "$sizes" ]; then
    for size in $sizes; do folders+=("$reports/$(printf 'batch_%03d' "$size")"); done
else
    mapfile -t folders < <(for folder in "$reports"/batch_[0-9]*; do [ ! -d "$folder" ] || echo "$folder"; done | sort -V)
fi
[ ${#folders[@]} -gt 0 ] || fail "$reports: expected nodes.csv or folders batch_NNN, found neither"
"$graphprof" check_csv "${folders[@]}" || exit 2 # once for all, before anything is drawn

remove_parts() {
    local folder
    for folder in "$reports" "${folders[@]}"; do rm -f "$folder"/.*.part; done
}
trap remove_parts EXIT
# one gnuplot a figure: -e SETTINGS FILE
figure() { printf '%s\0' -e "format='$format'; graphprof='$graphprof'; card='$card'; note='$note'; $2" "$plots/$1.gp"; }
chosen=''
[ -z "$sizes" ] || chosen="batches='$sizes'; "
# how long a step takes from begin to end, where the CSVs have the GPU's time
step_times=$(for folder in "${folders[@]}"; do
    sed -n 's/^ *"step_median_ms": \([0-9.]*\),*$/\1/p' "$folder/summary.json" 2>/dev/null || true
done | tr '\n' ' ')
{
    for name in $over_all; do figure "$name" "${chosen}step_times='$step_times'; reports='$reports'"; done
    for folder in "${folders[@]}"; do
        for name in $per_batch; do figure "$name" "dir='$folder'"; done
    done
} | xargs -0 -n 3 -P "$(nproc)" gnuplot || exit 2
