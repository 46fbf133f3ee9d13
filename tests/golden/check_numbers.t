#!/usr/bin/env bash
# The judge is judged: the reference's own numbers pass check_numbers, and numbers that are off by
# more than a tolerance fail the test of that name and no other. Prints TAP.
set -euo pipefail
cd "$(dirname "$0")/../.."
build=${BUILD:-build}
reference=tests/golden/reference.csv
temp=$(mktemp -d)
trap 'rm -rf "$temp"' EXIT

# The reference as resnet152 --numbers would have written it, each value handed through `awk`'s
# expression $1 (variables: quantity name step value).
numbers() {
    awk -F, "BEGIN { OFS = \",\"; OFMT = CONVFMT = \"%.17g\"; print \"quantity,name,step,value\"
            print \"parameters\", \"\", 1, 60192808 }
        \$3 == 64 && (\$4 == \"sgd\" || \$4 == \"any\") {
            quantity = \$1; name = \$2; step = \$5; value = \$6 + 0
            $1
            print quantity, name, step, value + 0
        }" "$reference"
}
# Numbers of the tests that fail, as in "2 3".
failed() {
    numbers "$1" >"$temp/numbers.csv"
    "$build/tests/golden/check_numbers" "$reference" "$temp/numbers.csv" 64 sgd run |
        awk '/^(not )?ok/ { n++ } /^not ok/ { printf "%s%d", sep, n; sep = " " }'
}

test_count=0
is() { # is GOT EXPECTED DESCRIPTION
    test_count=$((test_count + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $test_count - $3"
    else
        printf 'not ok %d - %s\n# got "%s", expected "%s"\n' "$test_count" "$3" "$1" "$2"
    fi
}

is "$(failed '')" "" "the reference agrees with itself"
is "$(failed 'if (quantity == "loss") value *= 1 + 0.9e-5')" "" "a loss within the tolerance"
is "$(failed 'if (quantity == "loss" && step == 1) value *= 1 + 1.1e-5')" "2" "the first loss"
is "$(failed 'if (quantity == "grad_norm" && NR % 10 == 0) value *= 1 + 1.1e-3')" "3" \
    "a tenth of the gradients"
is "$(failed 'if (quantity == "grad_norm" && name == "fc.bias") value *= 1 + 1.1e-3')" "" \
    "one gradient, by little"
is "$(failed 'if (quantity == "grad_norm" && name == "fc.bias") value *= 1 + 2.1e-2')" "4" \
    "one gradient, by much"
is "$(failed 'if (quantity == "loss" && step == 4) value *= 1 - 1.1e-2')" "5" "a later loss"
is "$(failed 'if (quantity == "running_var_norm" && name == "bn1") value *= 1 + 1.1e-4')" "6" \
    "a running variance"
is "$(failed 'if (quantity == "running_mean_first" && name == "bn1") value += 1e-3')" "6" \
    "an element of a running mean"
is "$(failed 'if (name == "fc.bias") next')" "1 4" "a gradient that is missing"
echo "1..$test_count"
