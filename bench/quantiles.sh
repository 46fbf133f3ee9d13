# Of stdin's numbers; sourced by benchmarks.
# shellcheck shell=bash

# quantiles FORMAT PERCENT...: those below which so many percent lie, in a line; 50 is the lower median.
quantiles() {
    sort -n | awk -v format="$1" -v wanted="${*:2}" '{ v[NR] = $1 }
        END { n = split(wanted, p, " "); for (i = 1; i <= n; i++) printf format "%s", v[1 + int((NR - 1) * p[i] / 100)], i < n ? " " : "\n" }'
}
# spread FORMAT [FROM TO]: median (least - most), or between other percents than 0 and 100.
spread() {
    local median low high
    read -r median low high <<<"$(quantiles "$1" 50 "${2:-0}" "${3:-100}")"
    echo "$median ($low - $high)"
}
