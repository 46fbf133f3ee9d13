#!/usr/bin/env bash
# A disk that fills up: recording stops, the program runs on, and what was recorded can be reported.
. tests/integration/lib.sh
bare "$programs/filling" >"$temp/expected"

truncated_run() { # truncated_run DESCRIPTION STATUS OUT
    local description=$1 status=$2 out=$3
    is "$status" 0 "$description: the program ends well"
    ok "$description: its output is what it was" cmp "$temp/expected" "$temp/stdout"
    ok "$description: the recorder says that it stopped" grep -q '^graphprof: ' "$temp/stderr"
    events "$out" >"$temp/events"
    ok "$description: the capture is marked" grep -qE '^header [a-z]+ truncated lost=[1-9]' "$temp/events"
    ok "$description: a report can be made" report "$out" "$temp/report"
    ok "$description: with complete steps" grep -q ',forward,' "$temp/report/nodes.csv"
    rm -rf "$temp/report"
}

recorded "$temp/roomy" "$programs/filling" >"$temp/stdout"
ok "with room: the output is what it was" cmp "$temp/expected" "$temp/stdout"
ok "with room: the capture is whole" grep -q '^header closed whole lost=0' <(events "$temp/roomy")
ok "with room: it is larger than the small disk" \
    test "$(stat -c %s "$(capture "$temp/roomy")")" -gt $((3 << 20))

# A limit on the size of files: the kernel would send SIGXFSZ to whoever goes beyond it.
limited() (
    ulimit -f 2048
    recorded "$temp/limited" "$programs/filling" >"$temp/stdout" 2>"$temp/stderr"
)
truncated_run "file size limit" "$(status_of limited)" "$temp/limited"

# A disk of 3 MiB, mounted for the one run in a name space of its own; the capture is carried out.
on_small_disk() {
    local as_root=()
    [ "$(id -u)" -eq 0 ] || as_root=(-r)
    mkdir -p "$temp/disk" "$temp/kept"
    # shellcheck disable=SC2016 # expanded inside
    unshare "${as_root[@]}" -m bash -c '
        set -e
        mount -t tmpfs -o size=3m none "$1/disk"
        status=0
        LD_LIBRARY_PATH=$3 LD_PRELOAD=$4 GRAPHPROF_OUT=$1/disk/out GRAPHPROF_REPORT=no \
            "$2" >"$1/stdout" 2>"$1/stderr" || status=$?
        cp "$1/disk/out/capture.gpcap" "$1/kept/"
        exit $status' small_disk "$temp" "$programs/filling" "$softgpu" "$recorder"
}
if unshare "$([ "$(id -u)" -eq 0 ] && echo -m || echo -rm)" true 2>/dev/null; then
    truncated_run "full disk" "$(status_of on_small_disk)" "$temp/kept"
else
    skip "full disk" "no name space may be made here to mount a small disk in"
fi
done_testing
