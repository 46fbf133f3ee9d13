#!/usr/bin/env bash
# Calls before the recorder's constructor and after its destructor.
. tests/integration/lib.sh
expected=$(printf '%s\n' "early: 1" "late: 0 failures")
is "$(bare "$programs/early_late")" "$expected" "without the recorder"
is "$(recorded "$temp/out" "$programs/early_late")" "$expected" "with the recorder"
events "$temp/out" >"$temp/events"
ok "what came before its constructor is recorded" grep -q 'alloc cudaMalloc 4321' "$temp/events"
ok "a range too" grep -q 'push early' "$temp/events"
ok "and what main did" grep -q 'alloc cudaMalloc 100 ' "$temp/events"
is "$(head -1 "$temp/events")" "header closed whole lost=0" "the capture is closed in good order"
GRAPHPROF_REPORT=yes
is "$(recorded "$temp/reported" "$programs/early_late" 2>"$temp/stderr")" "$expected" \
    "the same with the report made at exit"
GRAPHPROF_REPORT=no
is "$(EARLY_LATE=1 recorded "$temp/before" "$programs/early_late")" "$expected" \
    "NVTX before the recorder is there: the program is as it was"
is "$(EARLY_LATE=1 "$graphprof" run --softgpu yes -o "$temp/run" -- "$programs/early_late" \
    2>"$temp/stderr")" "$expected" "and under graphprof run"
ok "where even that mark is recorded" grep -q ' mark first' <(events "$temp/run")
cp "$recorder" "$temp/libgraphprof.so"
is "$(recorder=$recorder:$temp/libgraphprof.so recorded "$temp/twice" "$programs/early_late")" "$expected" \
    "two copies of the recorder before either is ready: the program is as it was"
is "$(events "$temp/twice" | head -1)" "header closed whole lost=0" "and one of them records it"
done_testing
