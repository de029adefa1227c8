#!/usr/bin/env bash
# tidy.sh BUILD [analyze]: clang-tidy over the library's sources with the compile commands in BUILD; `analyze` alone walks the
# paths of each function too, which takes three times as long. A source that passed is not looked at again until it, any header, the flags or the
# rules change.
set -uo pipefail
build=$(realpath "$1") || exit 2
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
checks='-clang-analyzer-*'
[[ ${2:-} == analyze ]] && checks=
export passed=$build/tidy build checks
mkdir -p "$passed"

common=$({
    clang-tidy-19 --version
    echo "$checks"
    cat .clang-tidy CMakeLists.txt CMakePresets.json cmake/weir_target.cmake
    find weir -name '*.h' | sort | xargs -d '\n' cat
} | sha256sum)
export common

tidy() {
    local key
    key=$({ printf '%s' "$common $1"; cat "$1"; } | sha256sum | cut -d ' ' -f 1)
    [[ -e $passed/$key ]] && return
    clang-tidy-19 --quiet -p "$build" --checks="$checks" "$1" 2>&1 | grep -v ' warnings\? generated\.$'
    ((PIPESTATUS[0] == 0)) && touch "$passed/$key"
}
export -f tidy

find "$passed" -type f -mtime +30 -delete
# shellcheck disable=SC2016 # the inner shell expands it
find weir -name '*.cc' -print0 | xargs -0 -P "$(nproc)" -I '{}' bash -c 'tidy "$1"' tidy '{}'
