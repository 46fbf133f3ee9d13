#!/usr/bin/env bash
# Ranks of a parallel job: where their captures go, and one report on all of them.
#
# Three ranks; the second makes twice the bytes in forward, and has a node that the others lack. By hand:
#   forward    1000 2000 1000   least 1000, median 1000, most 2000 in rank 1; mean 4000/3: 1.5 times
#   backward   1600 2600 1600   with its own 600; mean 5800/3, 7800/5800 = 1.344828 times
#   (no range)    0    0    0   no bytes at either end of a step
#   extra        -  2050    -   in one rank alone
. tests/integration/lib.sh
unset RANK WORLD_SIZE TORCHELASTIC_RUN_ID PMI_RANK PMI_SIZE PMIX_RANK SLURM_PROCID SLURM_NTASKS \
    OMPI_COMM_WORLD_RANK OMPI_COMM_WORLD_SIZE
arguments=("1000" "2000 extra" "1000")
# as_rank RANK COMMAND...: as mpirun would start it; the program's arguments are the rank's.
as_rank() {
    local rank=$1
    shift
    # shellcheck disable=SC2086 # words
    OMPI_COMM_WORLD_RANK=$rank OMPI_COMM_WORLD_SIZE=3 "$@" "$programs/ranked" ${arguments[$rank]}
}
column() { # of ranks.csv: names, then the columns given
    awk -F, -v columns="name $1" '
        NR == 1 { for (i = 1; i <= NF; i++) at[$i] = i; n = split(columns, wanted, " "); next }
        { for (i = 1; i <= n; i++) printf "%s%s", $at[wanted[i]], i < n ? " " : "\n" }' "$2/ranks.csv"
}
bytes="gtype ranks min_peak_mem_bytes median_peak_mem_bytes max_peak_mem_bytes max_peak_mem_rank
    peak_mem_imbalance"
expected=$(printf '%s\n' "forward forward 3 1000 1000 2000 1 1.500000" \
    "backward backward 3 1600 1600 2600 1 1.344828" "(no range) other 3 0 0 0 0 1.000000" \
    "extra other 1 2050 2050 2050 1 1.000000")

for rank in 0 1 2; do as_rank $rank recorded "$temp/each/%r"; done
is "$(cd "$temp/each" && echo *)" "0 1 2" "%r is the rank"
quietly() { "$@" >"$temp/said" 2>&1; }
ok "one report on all" quietly "$graphprof" report "$temp/each/2" "$temp/each/0/capture.gpcap" \
    "$temp/each/1" -o "$temp/merged"
is "$(cd "$temp/merged" && echo *)" "rank_000 rank_001 rank_002 ranks.csv" "a folder a rank, and one table"
is "$(column "$bytes" "$temp/merged")" "$expected" "which has each node over the ranks"
is "$(for rank in 0 1 2; do summary "$temp/merged/rank_00$rank" rank; done | tr '\n' ' ')$(
    summary "$temp/merged/rank_001" world_size)" "0 1 2 3" "each summary names its rank"
times() { for rank in 0 1 2; do cell "$temp/merged/rank_00$rank" forward median_run_time_ms; done; }
is "$(column "min_run_time_ms median_run_time_ms max_run_time_ms" "$temp/merged" | head -1)" \
    "forward $(times | sort -n | tr '\n' ' ' | sed 's/ $//')" "times are those of the ranks' own tables"
is "$({ times && column "max_run_time_rank run_time_imbalance" "$temp/merged" | head -1; } | awk '
    NF == 1 { sum += $1; if ($1 > most + 0) { most = $1; rank = NR - 1 } }
    NF == 3 { off = $3 - most * 3 / sum; print $2 == rank, -1e-6 < off && off < 1e-6 }')" "1 1" \
    "and the rank that has most, and how many times the mean"
is "$(sed -n 's/^\(ranks: .*\|highest peak: rank [0-9]*\),* *.*, \([0-9.]* times.*\)$/\1 \2/p; /^ranks/p' \
    "$temp/said" | tr '\n' ' ')" "ranks: 3 highest peak: rank 1 1.345 times the mean " "the summary says so"
ok "it passes the checks" "$graphprof" check_csv "$temp/merged"
cp -r "$temp/merged" "$temp/bad"
sed -i 's/,1\.500000$/,0.900000/' "$temp/bad/ranks.csv"
is "$(status_of quietly "$graphprof" check_csv "$temp/bad") $(grep -c 'ranks.csv:2: column peak_mem_imbalance' \
    "$temp/said")" "2 1" "which see a ratio below 1"

for rank in 0 1 2; do as_rank $rank recorded "$temp/shared"; done
is "$(cd "$temp/shared" && echo *)" "capture.rank_000.gpcap capture.rank_001.gpcap capture.rank_002.gpcap" \
    "in one folder no rank replaces another's capture"
ok "they make the same report" "$graphprof" report --quiet "$temp"/shared/*.gpcap -o "$temp/shared"
is "$(column "$bytes" "$temp/shared")" "$expected" "with the same rows"
GRAPHPROF_REPORT=yes as_rank 1 recorded "$temp/at_exit" 2>"$temp/said"
GRAPHPROF_REPORT=yes as_rank 2 recorded "$temp/at_exit" 2>"$temp/said"
is "$(cd "$temp/at_exit" && echo */nodes.csv)" "rank_001/nodes.csv rank_002/nodes.csv" \
    "nor, at exit, another's report"

run() { "$graphprof" run --softgpu yes "$@" 2>"$temp/stderr"; }
job="for rank in 0 1 2; do OMPI_COMM_WORLD_RANK=\$rank OMPI_COMM_WORLD_SIZE=3 $programs/ranked 700; done"
ok "graphprof run of a whole job" run -o "$temp/job" -- sh -c "$job"
is "$(column "ranks max_peak_mem_bytes peak_mem_imbalance" "$temp/job" | head -1)" "forward 3 700 1.000000" \
    "reports on its ranks"
ok "graphprof run again" run -o "$temp/job" -- sh -c "$programs/ranked 10"
is "$(cd "$temp/job" && find . -name '*.csv' | sort | tr '\n' ' ')" "./nodes.csv ./tensors.csv " \
    "removes what the job left"
as_rank 1 run -o "$temp/one/%r" --
as_rank 1 run -o "$temp/one/all" --
is "$(cd "$temp/one" && find . -name nodes.csv | sort | tr '\n' ' ')" \
    "./1/nodes.csv ./all/rank_001/nodes.csv " "graphprof run in each rank has a folder a rank"

refused() { # refused DESCRIPTION TEXT CAPTURE...
    local description=$1 text=$2
    shift 2
    is "$(status_of quietly "$graphprof" report -o "$temp/new/folder" "$@") $(wc -l <"$temp/said") $(
        grep -cF -- "$text" "$temp/said") $(find "$temp" -name new | wc -l)" "2 1 1 0" "$description"
}
echo nothing >"$temp/none.gpcap"
refused "two captures of one rank" "are both of rank 1" "$temp/each/0" "$temp/each/1" \
    "$temp/shared/capture.rank_001.gpcap"
refused "what is no capture" "$temp/none.gpcap" "$temp/each/0" "$temp/none.gpcap"
refused "what is not there" "$temp/absent" "$temp/each/0" "$temp/absent"

if command -v mpirun >/dev/null; then
    # shellcheck disable=SC2016 # the rank's shell expands it
    ok "mpirun" mpirun --allow-run-as-root --oversubscribe -n 2 env LD_LIBRARY_PATH="$softgpu" \
        LD_PRELOAD="$recorder" GRAPHPROF_OUT="$temp/mpi/%r" GRAPHPROF_REPORT=no "$programs/ranked" 1000
    ok "its report" "$graphprof" report --quiet "$temp/mpi/0" "$temp/mpi/1" -o "$temp/mpi/all"
    is "$(column "ranks max_peak_mem_bytes" "$temp/mpi/all" | head -1)" "forward 2 1000" "has both ranks"
else
    skip "under mpirun" "mpirun is not installed (openmpi-bin)"
fi
done_testing
