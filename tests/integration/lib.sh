# What the hazard tests share; sourced by each *.t, from the repository's root. Prints TAP.
# shellcheck shell=bash
set -euo pipefail

build=${BUILD:-build}
case $build in /*) ;; *) build=$PWD/$build ;; esac
programs=$build/tests/integration
recorder=$build/libgraphprof.so
graphprof=$build/graphprof
softgpu=$build/softgpu
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

test_count=0
ok() { # ok DESCRIPTION COMMAND...: the command succeeds
    local description=$1
    shift
    test_count=$((test_count + 1))
    if "$@"; then
        echo "ok $test_count - $description"
    else
        echo "not ok $test_count - $description"
    fi
}
is() { # is GOT EXPECTED DESCRIPTION
    test_count=$((test_count + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $test_count - $3"
    else
        echo "not ok $test_count - $3"
        printf '%s\n' "got:" "$1" "expected:" "$2" | sed 's/^/# /'
    fi
}
differ() { ! cmp -s "$1" "$2"; }
skip() { # skip DESCRIPTION REASON
    test_count=$((test_count + 1))
    echo "ok $test_count - $1 # SKIP $2"
}
skip_all() { # skip_all REASON
    echo "1..0 # SKIP $1"
    exit 0
}
done_testing() { echo "1..$test_count"; }

# Runs a command on softgpu, without the recorder and with it. GRAPHPROF_REPORT is set to no unless
# the test says otherwise: most look at the capture itself.
bare() { LD_BIND_NOW=1 LD_LIBRARY_PATH=$softgpu "$@"; }
recorded() { # recorded OUT COMMAND...
    local out=$1
    shift
    env LD_BIND_NOW=1 LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$out" \
        GRAPHPROF_REPORT="${GRAPHPROF_REPORT:-no}" "$@"
}
status_of() { # the exit status of a command that may fail
    local status=0
    "$@" || status=$?
    echo "$status"
}
capture() { echo "$1/capture.gpcap"; }                   # of a folder
events() { "$programs/dump_capture" "$(capture "$1")"; } # its events as text
report() { # report OUT FOLDER: the report on OUT's capture succeeds
    "$graphprof" report "$(capture "$1")" -o "$2" >"$temp/report.out" 2>&1
}
summary() { # the value of a field of a folder's summary.json: summary FOLDER FIELD
    sed -n "s/^ *\"$2\": \(.*[^,]\),*\$/\1/p" "$1/summary.json"
}
count() { grep -c -- "$1" || true; } # lines of stdin that match

for needed in "$recorder" "$graphprof" "$softgpu/libcudart.so.13" "$programs/dump_capture"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
