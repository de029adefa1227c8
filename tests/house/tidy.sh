#!/usr/bin/env bash
# tidy.sh BUILD [analyze]: runs clang-tidy over the sources of the library with the compile commands in BUILD. With
# `analyze`, it also analyses the paths of each function, which takes three times as long. If BUILD compiles sources in
# batches, so does this script, because included headers take most of the time. A file that passed is not checked again
# until its source, any header, the flags or the rules change.
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

tidy() {  # tidy FILE: checks a source, or a batch that includes several
    local key sources=("$1") off=
    [[ $1 == *.cxx ]] && off=-bugprone-suspicious-include  # a batch includes .cc files on purpose
    mapfile -t -O 1 sources < <(sed -nE 's/^#include "(\/.*\.cc)"$/\1/p' "$1")
    key=$({ printf '%s' "$common ${sources[*]}"; cat "${sources[@]}"; } | sha256sum | cut -d ' ' -f 1)
    [[ -e $passed/$key ]] && return
    clang-tidy-19 --quiet -p "$build" --checks="$checks,$off" "$1" 2>&1 | grep -v ' warnings\? generated\.$'
    ((PIPESTATUS[0] == 0)) && touch "$passed/$key"
}
export -f tidy

find "$passed" -type f -mtime +30 -delete
mapfile -t batches < <(find "$build/library" -name 'unity_*.cxx' | sort)
batched=$(cat /dev/null "${batches[@]}" | sed -nE "s|^#include \"$PWD/(.*)\"\$|\1|p")
mapfile -t alone < <(find weir -name '*.cc' | grep -vxF "$batched" | sort)
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${batches[@]}" "${alone[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'tidy "$1"' tidy '{}'
