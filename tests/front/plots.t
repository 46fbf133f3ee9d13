#!/usr/bin/env bash
# Each figure alone, on a reckoned step of ResNet-152: a picture with content in each format; without its
# CSV, or told of no folder, one line, exit status 2 and no file. Then all of them by draw.sh.
set -euo pipefail
export LC_ALL=C.UTF-8 # as plots/style.gp says
. tests/tap.sh
graphprof=$PWD/${BUILD:-build}/graphprof
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT
command -v gnuplot >/dev/null || skip_all "gnuplot is missing"
perl tests/front/make-sample.pl "$temp/good" 32 2 4 8
per_batch='memory_timeline tensor_lifetimes nodes_by_time nodes_by_memory bytes_vs_idle'
over_all='peak_breakdown step_time timelines_overlaid time_by_phase activations_and_throughput'

draw() { # draw FIGURE REPORTS [SETTING]: alone
    local where="reports='$2'"
    case " $per_batch " in *" $1 "*) where="dir='$2/batch_004'" ;; esac
    gnuplot -e "graphprof='$graphprof'; $where; ${3:-}" "plots/$1.gp"
}
picture() { # picture FIGURE REPORTS FORMAT: where it lies
    case " $per_batch " in *" $1 "*) echo "$2/batch_004/$1.$3" ;; *) echo "$2/$1.$3" ;; esac
}
# 1280 x 800, whole, and more bytes than frame and title alone take (about 27,000)
has_content() { perl -e 'local $/; open my $f, "<:raw", shift or die; my $png = <$f>;
    exit !($png =~ /^\x89PNG\r\n\x1a\n....IHDR\0\0\x05\0\0\0\x03\x20/s && $png =~ /IEND....\z/s && length $png > 30000)' "$1"; }
same() { [ "$1" = "$2" ]; }
files() { find "$1" -type f | sort; }

for figure in $per_batch $over_all; do
    is "$(status_of draw "$figure" "$temp/good" 2>"$temp/err")" 0 "$figure: drawn alone"
    is "$(cat "$temp/err")" "" "$figure: without a word"
    ok "$figure: a picture with content" has_content "$(picture "$figure" "$temp/good" png)"
    draw "$figure" "$temp/good" "format='pdf'"
    draw "$figure" "$temp/good" "format='svg'; card='A card'; note='fp32 with_underscore'"
    ok "$figure: whole as SVG" grep -q '</svg>' "$(picture "$figure" "$temp/good" svg)"
    is "$(head -c 5 "$(picture "$figure" "$temp/good" pdf)")" "%PDF-" "$figure: PDF"
    ok "$figure: card and note stand in the title" grep -q 'A card  ·  fp32 with_underscore' "$(picture "$figure" "$temp/good" svg)"
done
is "$(find "$temp/good" -name '.*')" "" "nothing half made is left"

for figure in $per_batch $over_all; do
    for file in nodes.csv tensors.csv; do
        rm -rf "$temp/bad"
        mkdir "$temp/bad"
        cp -r "$temp"/good/batch_00[248] "$temp/bad"
        rm -f "$temp"/bad/*/*.{png,svg,pdf} "$temp/bad/batch_004/$file"
        before=$(files "$temp/bad")
        is "$(status_of draw "$figure" "$temp/bad" 2>"$temp/err")" 2 "$figure without $file: exit status 2"
        is "$(cat "$temp/err")" "graphprof check_csv: $temp/bad/batch_004/$file:1: expected a file that can be read: No such file or directory" \
            "$figure without $file: one line"
        ok "$figure without $file: nothing is written" same "$(files "$temp/bad")" "$before"
    done
    is "$(status_of gnuplot "plots/$figure.gp" 2>"$temp/err")" 2 "$figure without a folder: exit status 2"
    is "$(wc -l <"$temp/err")" 1 "$figure without a folder: one line"
done
is "$(status_of draw step_time "$temp/good" "format='gif'" 2>&1)" "plots: format: expected png, svg or pdf, found gif
2" "a format that is not known"
mkdir "$temp/none"
is "$(status_of draw step_time "$temp/none" 2>&1)" "$temp/none: expected folders batch_NNN, found none
2" "no batch folder"

find "$temp/good" -name '*.*g' -delete
is "$(status_of env GRAPHPROF="$graphprof" plots/draw.sh --batch-sizes '2 8' "$temp/good" 2>&1)" 0 "draw.sh"
is "$(find "$temp/good" -maxdepth 1 -name '*.png' | wc -l) $(find "$temp/good/batch_002" -name '*.png' | wc -l) $(find "$temp/good/batch_004" -name '*.png' | wc -l)" \
    "5 5 0" "five over all, five for each batch size that was asked for"
cp -r "$temp/good/batch_004" "$temp/a run"
is "$(status_of env GRAPHPROF="$graphprof" plots/draw.sh --format svg "$temp/a run" 2>&1)" 0 "draw.sh: a single run"
is "$(find "$temp/a run" -name '*.svg' | wc -l) $(find "$temp/a run" -name '.*.part' | wc -l)" "5 0" "its five figures lie beside its CSVs"
is "$(status_of env GRAPHPROF="$graphprof" plots/draw.sh --batch-sizes 4 "$temp/a run" 2>&1)" \
    "plots/draw.sh: $temp/a run: expected a sweep for --batch-sizes, found a single run
2" "which has no batch sizes to choose from"
is "$(status_of env GRAPHPROF="$graphprof" plots/draw.sh --card "it's" "$temp/good" 2>&1 | tail -n 1)" 2 "draw.sh: a quote is refused"
is "$(status_of env GRAPHPROF="$graphprof" plots/draw.sh --frob x "$temp/good" 2>&1 | tail -n 1)" 2 "draw.sh: an unknown option is refused"
done_testing
