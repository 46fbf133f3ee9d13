#!/usr/bin/env bash
# docs/formats.md has every record, column, role and member of summary.json that the tables and the
# writer have, in their order.
# shellcheck disable=SC2016 # backquotes are Markdown's
set -euo pipefail
cd "$(dirname "$0")/../.."
doc=docs/formats.md
include=include/graphprof
fail=0

# compare WHAT EXPECTED FOUND: two lists, a name a line.
compare() {
    if ! difference=$(diff <(printf '%s\n' "$2") <(printf '%s\n' "$3")); then
        printf '%s: %s differ from the tables (<) at:\n%s\n' "$doc" "$1" "$difference" >&2
        fail=1
    fi
}

# section HEADING: its text, to the next heading.
section() {
    awk -v heading="## $1" '/^## / { inside = index($0, heading) == 1 } inside' "$doc"
}

# First cells of a section's table.
cells() {
    section "$1" | sed -n 's/^| `\([A-Za-z_]*\)` |.*/\1/p'
}

names() {
    sed -n "s/^$1(\\([A-Za-z_]*\\),.*/\\1/p" "$include/$2"
}

compare 'records' "$(names GP_RECORD records.def)" "$(cells 'The capture')"
# shellcheck disable=SC2207 # words
roles=($(sed -n 's/^GP_ROLE([A-Z_]*, \([a-z_]*\)).*/\1/p' $include/roles.def))
compare 'columns of nodes.csv' \
    "$(names GP_NODES_COLUMN nodes_csv.def && printf 'peak_%s_bytes\n' "${roles[@]}")" \
    "$(cells '`nodes.csv`')"
compare 'columns of tensors.csv' "$(names GP_TENSORS_COLUMN tensors_csv.def)" \
    "$(cells '`tensors.csv`')"

compare 'columns of ranks.csv' "$(names GP_RANKS_COLUMN ranks_csv.def)" "$(cells '`ranks.csv`')"
compare 'variables of the rank' \
    "$(sed -n 's/^GP_RANK("\([A-Z_]*\)", "\([A-Z_]*\)", "\([A-Z_]*\)")/\1 \2 \3/p' $include/rank.def | sed 's/ *$//')" \
    "$(section 'Names with the rank' | sed -n 's/^| \([A-Z_]*_RANK\|RANK\|SLURM_PROCID\)\(, where \([A-Z_]*\) is set\)* | \([A-Z_]*\).*/\1 \4 \3/p' |
        sed 's/ *$//')"

members=$(grep -o 'json_put_[a-z]*(&\?json,[[:space:]]*"[a-z_]*"' analysis/tables/summary_json.c |
    sed 's/.*"\([a-z_]*\)"/\1/' | sort)
documented=$(section '`summary.json`' | grep -o '`[a-z_]*`' | tr -d '`' | sort)
compare 'members of summary.json' "$members" "$(grep -vx 'summary.json' <<<"$documented")"
exit $fail
