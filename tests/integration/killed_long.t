#!/usr/bin/env bash
# `kill -9` in long runs, in which steps are taken back all the time: the report has every step that
# was complete, and what lived then.
. tests/integration/lib.sh
seed=${GRAPHPROF_TEST_SEED:-$RANDOM}
RANDOM=$seed
echo "# GRAPHPROF_TEST_SEED=$seed gives the same numbers of steps to wait for"

steps_over() { # the program's own count: killed_long.t FILE
    if [ -s "$1" ]; then od -An -t u8 "$1" | tr -d ' '; else echo 0; fi
}
killed() { # killed FOLDER STEPS: kills the program when so many steps are over
    local out=$1 child over
    (exec env LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$out" GRAPHPROF_REPORT=no \
        "$programs/many_steps" 100000000 "$out.count") &
    child=$!
    until [ "$(steps_over "$out.count")" -ge "$2" ]; do kill -0 "$child" || return 1; done
    kill -9 "$child"
    wait "$child" 2>/dev/null || true
    over=$(steps_over "$out.count")
    report "$out" "$out" || return 1
    echo "# $over steps over, $(summary "$out" steps_complete) complete, $(summary "$out" recorded_end_bytes) bytes live"
    "$programs/dump_capture" "$(capture "$out")" >"$temp/events" || return 1
    # The step's end is recorded before the program counts it.
    [ "$(summary "$out" steps_complete)" -ge "$over" ] &&
        [ "$(summary "$out" steps_complete)" -le $((over + 1)) ] &&
        [ "$(summary "$out" missed_frees)" -eq 0 ] && [ "$(summary "$out" unknown_frees)" -eq 0 ]
}
for i in $(seq 10); do
    steps=$((257 + RANDOM % 3000))
    ok "killed behind step $steps" killed "$temp/$i" "$steps"
    rm -rf "${temp:?}/$i"
done
done_testing
