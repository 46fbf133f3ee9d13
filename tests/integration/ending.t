#!/usr/bin/env bash
# However the program ends, it ends so under the recorder and under `graphprof run`, and what it did is
# in the capture.
. tests/integration/lib.sh
ulimit -c 0
ending=$programs/ending
run() { # run OUT ARGUMENT...: under `graphprof run`
    local out=$1
    shift
    "$graphprof" run --softgpu yes -o "$out" -- "$ending" "$@"
}

for way in "exit 0" "exit 3" "_exit 4" "raise 15" "raise 6" "raise 9"; do
    read -ra arguments <<<"$way"
    expected=$(status_of bare "$ending" "${arguments[@]}" 2>&1 | tail -1)
    out="$temp/${way/ /.}"
    is "$(status_of recorded "$out" "$ending" "${arguments[@]}" 2>"$temp/stderr" | tail -1)" \
        "$expected" "$way: LD_PRELOAD ends with $expected"
    is "$(events "$out" | count ' alloc ')" 3 "$way: its events are there"
    is "$(status_of run "$out.run" "${arguments[@]}" 2>"$temp/stderr" | tail -1)" "$expected" \
        "$way: graphprof run ends with $expected"
    ok "$way: and has made a report" grep -q ',forward,' "$out.run/nodes.csv"
done

# Signals from outside: the program is told to go on, then to end.
signalled() { # signalled COMMAND...: prints what it said and its status
    local child status=0
    : >"$temp/said" # what the run before has said is not this one's
    "$@" >"$temp/said" 2>"$temp/stderr" &
    child=$!
    until grep -q ready "$temp/said"; do sleep 0.05; done
    kill -USR1 "$child"
    until grep -q SIGUSR1 "$temp/said"; do sleep 0.05; done
    kill -TERM "$child"
    wait "$child" || status=$?
    tr '\n' ' ' <"$temp/said"
    echo "$status"
}
is "$(signalled env LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$temp/plain" \
    "$ending" handle)" "ready SIGUSR1 SIGTERM 7" "the program's own handlers run: LD_PRELOAD"
ok "and a report is made" grep -q ',forward,' "$temp/plain/nodes.csv"
is "$(signalled "$graphprof" run --softgpu yes -o "$temp/run" -- "$ending" handle)" \
    "ready SIGUSR1 SIGTERM 7" "graphprof run hands signals through"
ok "and makes a report" grep -q ',forward,' "$temp/run/nodes.csv"

terminated() { # terminated COMMAND...: its status after SIGTERM
    local child status=0
    : >"$temp/said" # what the run before has said is not this one's
    "$@" >"$temp/said" 2>"$temp/stderr" &
    child=$!
    until grep -q ready "$temp/said"; do sleep 0.05; done
    kill -TERM "$child"
    wait "$child" || status=$?
    echo "$status"
}
is "$(terminated env LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$temp/plain2" \
    "$ending" wait)" 143 "SIGTERM ends the program: LD_PRELOAD"
ok "its capture can be reported on" report "$temp/plain2" "$temp/plain2"
is "$(terminated "$graphprof" run --softgpu yes -o "$temp/run2" -- "$ending" wait)" 143 \
    "SIGTERM ends the program: graphprof run"
ok "and a report is made" grep -q ',forward,' "$temp/run2/nodes.csv"
done_testing
