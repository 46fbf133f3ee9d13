# What the hazard tests share; sourced by each *.t, from the repository's root. Prints TAP.
# shellcheck shell=bash
set -euo pipefail
. tests/tap.sh

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
programs=$build/tests/integration
recorder=$build/libgraphprof.so
graphprof=$build/graphprof
softgpu=$build/softgpu
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# Runs a command on softgpu, without the recorder and with it. GRAPHPROF_REPORT is set to no unless
# the test says otherwise: most look at the capture itself.
bare() { LD_BIND_NOW=1 LD_LIBRARY_PATH=$softgpu "$@"; }
recorded() { # recorded OUT COMMAND...
    local out=$1
    shift
    env LD_BIND_NOW=1 LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$out" \
        GRAPHPROF_REPORT="${GRAPHPROF_REPORT:-no}" "$@"
}
capture() { echo "$1/capture.gpcap"; }                   # of a folder
events() { "$programs/dump_capture" "$(capture "$1")"; } # its events as text
report() { # report OUT FOLDER: the report on OUT's capture succeeds
    "$graphprof" report "$(capture "$1")" -o "$2" >"$temp/report.out" 2>&1
}
summary() { # the value of a field of a folder's summary.json: summary FOLDER FIELD
    sed -n "s/^ *\"$2\": \(.*[^,]\),*\$/\1/p" "$1/summary.json"
}
cell() { # values of columns for the op of that name, as in cell FOLDER NODE COLUMN...
    local folder=$1 node=$2
    shift 2
    awk -F, -v node="$node" -v columns="$*" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(columns, wanted, " "); next }
        $at["name"] == node && $at["node_type"] == "op" {
            for (i = 1; i <= n; i++) printf "%s%s", $at[wanted[i]], i < n ? " " : "\n"
        }' "$folder/nodes.csv"
}
count() { grep -c -- "$1" || true; } # lines of stdin that match
node() { # node FOLDER NAME COLUMN, of an op
    awk -F, -v name="$2" -v column="$3" 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["name"] == name && $at["node_type"] == "op" { print $at[column] }' "$1/nodes.csv"
}
sources() { # the time sources of a folder's ops
    awk -F, 'NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; next }
        $at["node_type"] == "op" { print $at["time_source"] }' "$1/nodes.csv" | sort -u
}
above_zero() { awk -v value="$1" 'BEGIN { exit !(value > 0) }'; }

for needed in "$recorder" "$graphprof" "$softgpu/libcudart.so.13" "$programs/dump_capture"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
