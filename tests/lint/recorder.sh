#!/usr/bin/env bash
# What the recorder's files may do, held by a search for the words (docs/architecture.md, section 3).
# Comments are left out of the search.
set -euo pipefail
cd "$(dirname "$0")/../.."
failed=0

# only PATTERN FILE...: the pattern stands in no other file of preload/.
only() {
    local what=$1 pattern=$2 file
    shift 2
    for file in preload/*.c preload/*.h; do
        # shellcheck disable=SC2053 # the right side is a pattern
        for allowed in "$@"; do [[ ${file#preload/} == $allowed ]] && continue 2; done
        if gcc -fpreprocessed -dD -E -P -x c "$file" 2>/dev/null | grep -nE "$pattern"; then
            echo "$file: $what belongs in ${*}" >&2
            failed=1
        fi
    done
}

only "a vendor's header" '#include <(cuda|cudnn|cublas|nvtx|cupti|nvml)' 'wrap_*' 'nvtx_*' 'cupti_*'
only "looking a symbol up" '\bdlv?sym *\(|\bdl(m?open|_iterate_phdr) *\(' resolve.c
only "reading the environment" '\b(secure_)?getenv *\(|\benviron\b|\b(un)?setenv *\(|\bputenv *\(' options.c
only "writing to stderr" '\bstderr\b|\bperror *\(|\bp?writev? *\(' message.c
only "making a file" '\bO_CREAT\b|\bf?open(64)? *\([^)]*"w|\bmkdir *\(|\bcreat *\(|\bmkstemp' capture_writer.c
only "a beginning or end" '__attribute__ *\(\((con|de)structor|\bpthread_atfork *\(|\batexit *\(|\bon_exit *\(' lifecycle.c
only "ending the program" '\b_?exit *\(|\babort *\(|\bassert *\(|\braise *\(|\bkill *\(' nothing
only "stdout" '\bstdout\b|[^n]printf *\(|\bputs *\(|\bputchar *\(' intercepted_md.c
# report_child.c gives its child's stdout the place of stderr; the writer keeps off the first numbers.
only "a standard stream's number" '\bSTD(IN|OUT|ERR)_FILENO\b' message.c report_child.c capture_writer.c
exit $failed
