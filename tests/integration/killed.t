#!/usr/bin/env bash
# `kill -9` at 20 random moments of a training run: each time the capture is reported on, with the
# steps that were complete, or the report says that there was none.
. tests/integration/lib.sh
resnet=$build/resnet152
for needed in "$resnet" "$softgpu/libcudnn.so.9" "$softgpu/libcublas.so.13"; do
    [ -e "$needed" ] || skip_all "${needed#"$PWD"/} is not built"
done
seed=${GRAPHPROF_TEST_SEED:-$RANDOM}
RANDOM=$seed
echo "# GRAPHPROF_TEST_SEED=$seed gives the same moments"
export OMP_NUM_THREADS=1
train() { exec_recorded "$1" "$resnet" --image-size 32 --batch-size 2 --steps "$2" --warmup 0; }
exec_recorded() {
    local out=$1
    shift
    exec env LD_LIBRARY_PATH="$softgpu" LD_PRELOAD="$recorder" GRAPHPROF_OUT="$out" \
        GRAPHPROF_REPORT=no "$@"
}

# How long a run of 6 steps takes here: the moments lie in the first three quarters of it.
begin=$(date +%s%N)
(train "$temp/whole" 6) >"$temp/whole.out"
milliseconds=$((($(date +%s%N) - begin) / 1000000))
echo "# a run takes $milliseconds ms"

complete_steps() { # pushes of `step N` whose pop is there, in the text of a capture on stdin
    awk '$2 == "push" { depth[$1]++; if ($3 == "step") at[$1] = depth[$1] }
         $2 == "pop" { if (at[$1] && depth[$1] == at[$1]) { n++; at[$1] = 0 } depth[$1]-- }
         END { print n + 0 }'
}
reported() { # reported OUT: what the report makes of the capture is what the capture holds
    local out=$1 steps=0 status=0
    if [ ! -e "$(capture "$out")" ]; then
        echo "# killed before its first event"
        return 0
    fi
    "$graphprof" report "$(capture "$out")" -o "$out/report" >"$temp/report.out" 2>"$temp/report.err" ||
        status=$?
    if ! events "$out" >"$temp/events" 2>"$temp/no_capture"; then
        echo "# killed while the capture was made, report: $status"
        [ "$status" -eq 2 ] && [ "$(wc -l <"$temp/report.err")" -eq 1 ]
        return
    fi
    steps=$(complete_steps <"$temp/events")
    echo "# $(wc -l <"$temp/events") events, $steps complete steps, report: $status"
    if [ "$steps" -eq 0 ]; then
        [ "$status" -eq 1 ] && [ ! -e "$out/report/nodes.csv" ] &&
            grep -q 'no complete step' "$temp/report.err"
    else
        [ "$status" -eq 0 ] && [ -s "$out/report/tensors.csv" ] &&
            [ "$(summary "$out/report" steps_complete)" = "$steps" ] &&
            "$graphprof" check_csv "$out/report" >/dev/null
    fi
}
for i in $(seq 20); do
    moment=$((RANDOM % 1000 * milliseconds * 3 / 4000))
    (train "$temp/$i" 6) >"$temp/$i.out" 2>&1 &
    child=$!
    sleep "$((moment / 1000)).$(printf %03d $((moment % 1000)))"
    kill -9 "$child" 2>/dev/null || true
    wait "$child" 2>/dev/null || true
    ok "killed after $moment ms" reported "$temp/$i"
    rm -rf "${temp:?}/$i"
done
done_testing
