#!/usr/bin/env bash
# hardening.sh PROGRAM: checks that an optimised build has the hardening features. Prints what is missing.
set -uo pipefail
program=$1
missing=0
expect() {  # expect WHAT PATTERN READELF-OPTION...
    local what=$1 pattern=$2
    shift 2
    readelf --wide "$@" "$program" | grep -E "$pattern" >/dev/null && return  # not -q, which would close the pipe early
    printf '%s: %s\n' "$program" "no $what"
    missing=1
}
expect "position independence (PIE)" '^ *Type: +DYN' --file-header
expect "PIE flag" '\(FLAGS_1\).*PIE' --dynamic
expect "immediate binding (BIND_NOW)" '\(FLAGS_1\).*NOW' --dynamic
expect "read-only relocations (RELRO)" 'GNU_RELRO' --program-headers
expect "stack without execution" 'GNU_STACK .* RW +0x' --program-headers
expect "stack protector" '__stack_chk_fail' --dyn-syms
expect "fortified function (_FORTIFY_SOURCE)" '__[a-z]+_chk\b' --dyn-syms
exit "$missing"
