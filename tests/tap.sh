# TAP for test scripts in bash; sourced by each *.t, which runs from the repository's root.
# shellcheck shell=bash
test_count=0 failed_count=0
diagnose() { :; } # what to say beside a failure; a script may have its own
ok() { # ok DESCRIPTION COMMAND...: the command succeeds
    local description=$1
    shift
    test_count=$((test_count + 1))
    if "$@"; then
        echo "ok $test_count - $description"
    else
        echo "not ok $test_count - $description"
        diagnose | sed 's/^/# /'
        failed_count=$((failed_count + 1))
    fi
}
is() { # is GOT EXPECTED DESCRIPTION
    test_count=$((test_count + 1))
    if [ "$1" = "$2" ]; then
        echo "ok $test_count - $3"
    else
        echo "not ok $test_count - $3"
        failed_count=$((failed_count + 1))
        printf '%s\n' "got:" "$1" "expected:" "$2" | sed 's/^/# /'
    fi
}
differ() { ! cmp -s "$1" "$2"; }
skip() { # skip DESCRIPTION REASON
    test_count=$((test_count + 1))
    echo "ok $test_count - $1 # SKIP $2"
}
skip_all() { # skip_all REASON
    echo "1..0 # SKIP $1"
    exit 0
}
done_testing() { # the status tells whether all passed
    echo "1..$test_count"
    [ "$failed_count" = 0 ]
}
status_of() { # the exit status of a command that may fail
    local status=0
    "$@" || status=$?
    echo "$status"
}
