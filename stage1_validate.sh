#!/usr/bin/env bash
# Stage 1 in one go: trains ResNet-152 under the recorder at each batch size, draws the figures,
# prints the peak by role and one PASS or FAIL line a check. Exit status: 0 if every check passes,
# 1 if one fails or a run does, 2 for a bad option or a missing piece.
set -euo pipefail
cd "$(dirname "$0")"

usage="usage: ./stage1_validate.sh [option...]
      --batch-sizes N...     images a step (default 4 8 16 32 64)
      --image-size N         height and width (default 224 on a GPU, 64 on softgpu)
      --steps N              measured steps, after the warmup (default 10 on a GPU, 3 on softgpu)
      --out DIR              where reports go (default reports); earlier ones of the same batch
                             sizes there are replaced
      --optimizer sgd|adam   (default adam)
      --allocator async|malloc   (default async)
      --layout nchw|nhwc     (default nchw)
      --precision fp32|tf32  (default fp32)
      --reference DIR        compare with an earlier run's reports
      --no-plots             CSVs and checks only
      --help                 this text"

fail() { # STATUS MESSAGE
    echo "stage1_validate.sh: $2" >&2
    exit "$1"
}
whole() { # OPTION VALUE: a whole number from 1
    [[ $2 =~ ^[1-9][0-9]{0,5}$ ]] || fail 2 "option '$1': expected a whole number from 1 to 999999, not '$2'"
}
one_of() { # OPTION VALUE WORD...
    local option=$1 value=$2 word
    shift 2
    for word in "$@"; do [ "$value" != "$word" ] || return 0; done
    fail 2 "option '$option': expected one of $*, not '$value'"
}

sizes=() image='' steps='' out=reports optimizer=adam allocator=async layout=nchw precision=fp32
reference='' plots=yes
while [ $# -gt 0 ]; do
    option=$1
    shift
    case $option in
    --help) echo "$usage" && exit 0 ;;
    --no-plots) plots=no && continue ;;
    --batch-sizes)
        while [ $# -gt 0 ] && [[ $1 != --* ]]; do
            whole "$option" "$1"
            sizes+=("$1")
            shift
        done
        [ ${#sizes[@]} -gt 0 ] || fail 2 "option '$option' needs at least one value"
        continue
        ;;
    --image-size | --steps | --out | --optimizer | --allocator | --layout | --precision | --reference) ;;
    *) fail 2 "unknown option '$option'; --help lists them" ;;
    esac
    [ $# -gt 0 ] || fail 2 "option '$option' needs a value"
    case $option in
    --image-size) whole "$option" "$1" && image=$1 ;;
    --steps) whole "$option" "$1" && steps=$1 ;;
    --out) out=$1 ;;
    --optimizer) one_of "$option" "$1" sgd adam && optimizer=$1 ;;
    --allocator) one_of "$option" "$1" async malloc && allocator=$1 ;;
    --layout) one_of "$option" "$1" nchw nhwc && layout=$1 ;;
    --precision) one_of "$option" "$1" fp32 tf32 && precision=$1 ;;
    --reference) reference=$1 ;;
    esac
    shift
done
[ ${#sizes[@]} -gt 0 ] || sizes=(4 8 16 32 64)
mapfile -t sizes < <(printf '%s\n' "${sizes[@]}" | sort -nu)

# --- what must be there, before anything runs ---
for built in graphprof libgraphprof.so resnet152; do
    [ -e "build/$built" ] || fail 2 "build/$built is missing: run \`make\`"
done
device=$(build/graphprof run --show-device)
if [ "$device" = softgpu ]; then
    [ -e build/softgpu/libcudnn.so.9 ] ||
        fail 2 "no CUDA driver answers and build/softgpu is missing: run \`make\` (needs libdnnl-dev)"
    image=${image:-64} steps=${steps:-3} warmup=1 softgpu=yes card=''
    echo "no CUDA driver answers: training on softgpu, the CPU stand-in"
else
    image=${image:-224} steps=${steps:-10} warmup=2 softgpu=no
    card=$(nvidia-smi --query-gpu=name --format=csv,noheader 2>/dev/null | head -n 1 || true)
    echo "training on ${card:-a CUDA device}"
fi
[ "$plots" = no ] || command -v gnuplot >/dev/null ||
    fail 2 "gnuplot is missing: apt-get install gnuplot-nox, or give --no-plots"
[ -z "$reference" ] || [ -d "$reference" ] || fail 2 "option '--reference': no folder '$reference'"
mkdir -p "$out" 2>/dev/null || true
{ [ -d "$out" ] && [ -w "$out" ]; } || fail 2 "option '--out': cannot write to '$out'"

# --- the sweep ---
log=$(mktemp)
errors=$(mktemp)
trap 'rm -f "$log" "$errors"' EXIT
rm -f "$out"/*.png "$out/summary.txt"
done_of=0
for size in "${sizes[@]}"; do
    done_of=$((done_of + 1))
    folder=$out/$(printf 'batch_%03d' "$size")
    rm -f "$folder"/*.png
    printf '[%d/%d] batch %3d: ' "$done_of" "${#sizes[@]}" "$size"
    began=$SECONDS
    # lazy loading and algorithm searches fall into the warmup; of the steps recorded in detail the
    # analysis leaves out the first, so that one is the last of the warmup; it is the one that is
    # probed as well, since that takes time
    GRAPHPROF_STEPS="$((warmup - 1))-" GRAPHPROF_PROBE_STEP=$((warmup - 1)) build/graphprof run -o "$folder" --softgpu "$softgpu" -- build/resnet152 \
        --batch-size "$size" --image-size "$image" --warmup "$warmup" --steps "$steps" --optimizer "$optimizer" \
        --allocator "$allocator" --layout "$layout" --precision "$precision" >"$log" 2>"$errors" || {
        status=$?
        echo
        cat "$errors" >&2
        fail 1 "batch $size: resnet152 ended with status $status"
    }
    echo "$((steps + warmup)) steps in $((SECONDS - began)) s; last: $(tail -n 1 "$log")"
    grep '^graphprof' "$errors" >&2 || true # what the recorder or the report had to say
done

# --- figures and checks ---
if [ "$plots" = yes ]; then
    plots/draw.sh --batch-sizes "${sizes[*]}" --card "$card" \
        --note "$precision · ${layout^^} · $optimizer · ${image}x$image · $allocator" "$out"
    echo "drew five figures a batch size and five over all, in $out"
fi
echo
# parameters of torchvision's ResNet-152 with 1000 classes
build/graphprof batch_memory_analysis --batch-sizes "${sizes[@]}" --reports "$out" --optimizer "$optimizer" \
    --expect-parameters 60192808 ${reference:+--reference "$reference"}
