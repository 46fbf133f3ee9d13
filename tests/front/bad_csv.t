#!/usr/bin/env bash
# Every kind of bad CSV stops every consumer with one line that names file, line, column and what was
# expected, and exit status 2; nothing is written. The table: who is tried (all, or the two commands that
# read CSVs: figures have them read by check_csv) | what is wrong | file | a perl edit of its text in $_ |
# what the line must say behind the file's name (or with another file's).
# shellcheck disable=SC2016 # the edits are perl
set -euo pipefail
shopt -s extglob
export LC_ALL=C.UTF-8 # as plots/style.gp says
. tests/tap.sh
graphprof=$PWD/${GRAPHPROF:-build/graphprof}
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
perl tests/front/make-sample.pl --blocks 1,1,1,1 "$temp/good" 32 2 4

readers=(check_csv batch_memory_analysis)
consumers=("${readers[@]}")
if command -v gnuplot >/dev/null; then
    consumers+=(memory_timeline.gp peak_breakdown.gp draw.sh)
else
    skip "figures" "gnuplot is missing"
fi
consume() { # consume CONSUMER REPORTS
    case $1 in
    check_csv) "$graphprof" check_csv "$2"/batch_* ;;
    batch_memory_analysis) "$graphprof" batch_memory_analysis --batch-sizes 2 4 --reports "$2" ;;
    memory_timeline.gp) gnuplot -e "graphprof='$graphprof'; dir='$2/batch_004'" plots/memory_timeline.gp ;;
    peak_breakdown.gp) gnuplot -e "graphprof='$graphprof'; reports='$2'" plots/peak_breakdown.gp ;;
    draw.sh) GRAPHPROF=$graphprof plots/draw.sh "$2" ;;
    esac
}
files() { printf '%s\n' "$1"/* "$1"/*/*; }
said() { # said FOLDER: what the consumer said, without its name and the folder
    local text
    text=$(<"$temp/err")
    echo "${text/#graphprof [a-z]*([a-z_]): $1\//}"
}

for consumer in "${consumers[@]}"; do
    cp -r "$temp/good" "$temp/once"
    is "$(status_of consume "$consumer" "$temp/once" 2>"$temp/err" | tail -n 1)" 0 "$consumer takes good CSVs"
    is "$(cat "$temp/err")" "" "and says nothing on stderr"
    rm -rf "$temp/once"
done

while IFS='|' read -r who wrong file edit expected; do
    tried=("${consumers[@]}")
    [ "$who" = all ] || tried=("${readers[@]}")
    rm -rf "$temp/bad"
    cp -r "$temp/good" "$temp/bad"
    case $expected in *.csv:*) ;; *) expected=$file:$expected ;; esac
    path=$temp/bad/batch_004/$file
    if [ "$edit" = remove ]; then rm "$path"; else perl -0777 -pi -e "$edit" "$path"; fi
    before=$(files "$temp/bad")
    for consumer in "${tried[@]}"; do
        is "$(status_of consume "$consumer" "$temp/bad" 2>"$temp/err")" 2 "$wrong: $consumer ends with 2"
        is "$(said "$temp/bad/batch_004")" "$expected" "$wrong: $consumer says so in one line"
        is "$(files "$temp/bad")" "$before" "$wrong: $consumer writes nothing"
    done
done <<'TABLE'
all|missing|nodes.csv|remove|1: expected a file that can be read: No such file or directory
all|missing|tensors.csv|remove|1: expected a file that can be read: No such file or directory
all|empty|nodes.csv|$_ = ""|1: column rank: expected the header line, found an empty file
all|empty|tensors.csv|$_ = ""|1: column name: expected the header line, found an empty file
all|header alone|nodes.csv|s/\n.*/\n/s|2: column rank: expected a row, found the end
all|header alone|tensors.csv|s/\n.*/\n/s|2: column name: expected a row, found the end
all|cut off in a line|nodes.csv|s/^((?:[^\n]*\n){2}[^\n]{20}).*/$1/s|3: column 3: expected a line end, found the end of the file: it was cut off
readers|cut off before the line end|tensors.csv|s/\n\z//|383: column 16: expected a line end, found the end of the file: it was cut off
readers|cut off in a quote|tensors.csv|s/^([^\n]*\n).*/$1"conv/s|2: column 1: expected a closing quote, found the end of the file
all|cut off between lines|nodes.csv|s/^((?:[^\n]*\n){100}).*/$1/s|tensors.csv:196: column first_bw_use_rank: expected the rank of a row of nodes.csv, found 101
all|columns changed places|nodes.csv|s/^rank,name/name,rank/|1: column name: expected as column 2, found as column 1
all|column twice|nodes.csv|s/^rank,name/rank,rank/|1: column rank: expected once, found as columns 1 and 2
readers|column missing|nodes.csv|s/,gtype,/,/|1: column gtype: expected as column 3, found none
readers|column missing|tensors.csv|s/,steps\n/\n/|1: column steps: expected as column 16, found none
readers|unknown column|tensors.csv|s/,steps\n/,steps,colour\n/|1: column colour: expected no column of that name
readers|no header|nodes.csv|s/^.*\n//|1: column rank: expected as column 1, found none
all|NaN for a time|nodes.csv|s/,0\.300000,/,nan,/|2: column median_run_time_ms: expected milliseconds with 6 decimals, found 'nan'
readers|infinite time|tensors.csv|s/0\.000000/inf/|2: column idle_ms: expected milliseconds with 6 decimals, found 'inf'
readers|negative time|nodes.csv|s/,0\.300000,/,-0.300000,/|2: column median_run_time_ms: expected milliseconds with 6 decimals, found '-0.300000'
readers|time with few decimals|nodes.csv|s/,0\.300000,/,0.3,/|2: column median_run_time_ms: expected milliseconds with 6 decimals, found '0.3'
readers|empty number|nodes.csv|s/^((?:[^\n]*\n){2}[^\n]*?),3,1,/$1,3,,/|3: column calls_per_step: expected a whole number, found ''
all|NaN for bytes|tensors.csv|s/operand,\d+/operand,NaN/|2: column bytes: expected a whole number, found 'NaN'
readers|bytes with a fraction|tensors.csv|s/operand,(\d+)/operand,$1.5/|2: column bytes: expected a whole number, found '37632.5'
readers|negative bytes|tensors.csv|s/operand,(\d+)/operand,-$1/|2: column bytes: expected a whole number, found '-37632'
readers|bytes beyond 64 bits|tensors.csv|s/operand,\d+/operand,99999999999999999999/|2: column bytes: expected a whole number, found '99999999999999999999'
readers|a blank before a number|nodes.csv|s/\n0,/\n 0,/|2: column rank: expected a whole number or -1, found ' 0'
readers|a word that does not exist|nodes.csv|s/,forward,op,/,forwards,op,/|3: column gtype: expected forward, backward, optimizer or other, found 'forwards'
readers|a role that does not exist|tensors.csv|s/,parameter,/,weight,/|2: column node_type: expected parameter, buffer, gradient, opt_state, activation, activation_grad, workspace, input, library or other, found 'weight'
readers|empty name|nodes.csv|s/\n0,[^,]*,/\n0,,/|2: column name: expected a text, found nothing
readers|row too short|tensors.csv|s/,1,3\n/,1\n/|2: column steps: expected 16 columns, found 15
readers|row too long|tensors.csv|s/,1,3\n/,1,3,4\n/|2: column 17: expected 16 columns, found 17
readers|blank line|nodes.csv|s/\n1,/\n\n1,/|3: column rank: expected a whole number or -1, found ''
readers|quote in a bare field|tensors.csv|s/\nconv1/\nco"nv1/|2: column 1: expected a comma or a line end behind the field, found '"'
readers|text behind a quote|tensors.csv|s/\nconv1/\n"conv1"x/|2: column 1: expected a comma or a line end behind the field, found 'x'
readers|NUL byte|tensors.csv|s/\nconv1/\nco\0nv1/|2: expected text, found a NUL byte
readers|rank twice|nodes.csv|s/\n1,forward/\n0,forward/|3: column rank: expected more than 0 (ops stand in order), found 0
readers|no op at all|nodes.csv|s/\n\d+,[^\n]*,op,[^\n]*//g|2: column node_type: expected at least one op, found none
readers|a rank that no node has|tensors.csv|s/before steps\),-1/before steps),9999/|2: column producer_rank: expected the rank of a row of nodes.csv, found 9999
TABLE

# What RFC 4180 allows is taken.
while IFS='|' read -r what file edit; do
    rm -rf "$temp/odd"
    cp -r "$temp/good" "$temp/odd"
    perl -0777 -pi -e "$edit" "$temp/odd/batch_004/$file"
    ok "$what is taken" "$graphprof" check_csv "$temp/odd/batch_004"
done <<'TABLE'
a line end of CRLF|nodes.csv|s/\n/\r\n/g
a quoted field|tensors.csv|s/\nconv1/\n"conv1, ""the first"""/; s/(the first""")[^,]*,/$1,/
a line end inside quotes|tensors.csv|s/\nconv1[^,]*,/\n"conv1\nweight",/
TABLE
done_testing
