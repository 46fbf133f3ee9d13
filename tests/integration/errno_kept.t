#!/usr/bin/env bash
# The recorder leaves errno as it found it.
. tests/integration/lib.sh
is "$(bare "$programs/errno_kept")" "errno was kept" "without the recorder"
is "$(recorded "$temp/out" "$programs/errno_kept")" "errno was kept" "with the recorder"
echo >"$temp/file"
is "$(recorded "$temp/file/out" "$programs/errno_kept" 2>"$temp/stderr")" "errno was kept" \
    "with a recorder that cannot record"
done_testing
