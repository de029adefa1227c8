#!/usr/bin/env bash
# run.sh BUILD SECONDS: runs every fuzz target in BUILD for that long, as many at once as there are processors. What a
# target learned stays in BUILD/corpus for the next time. fuzz/corpus/NAME holds its seeds, fuzz/NAME.dict its words.
# A failing input is kept in BUILD/artifacts and shown.
set -uo pipefail
build=$(realpath "$1") seconds=$2
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2
export build seconds

fuzz() {
    local name=$1 log=$build/fuzz_$1.log options=()
    mkdir -p "$build/corpus/$name" "$build/artifacts/$name"
    [[ -d corpus/$name ]] && options+=("corpus/$name")
    [[ -f $name.dict ]] && options+=("-dict=$name.dict")
    if "$build/fuzz/fuzz_$name" -max_total_time="$seconds" -max_len=4096 -timeout=10 -rss_limit_mb=1024 \
        -print_final_stats=1 -artifact_prefix="$build/artifacts/$name/" "$build/corpus/$name" "${options[@]}" \
        >"$log" 2>&1; then
        printf '%s: %s\n' "$name" "$(grep -F 'number_of_executed_units' "$log" | tr -s ' ')"
    else
        printf '%s failed:\n' "$name"
        grep -vE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD|INITED)|^[[:space:]]*(NEW_FUNC|NEW_PC)' "$log" | tail -n 60
        return 1
    fi
}
export -f fuzz

shopt -s nullglob
targets=(*.cc)
((${#targets[@]} > 0)) || { echo "no fuzz target"; exit 1; }
# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${targets[@]%.cc}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'fuzz "$1"' fuzz '{}'
