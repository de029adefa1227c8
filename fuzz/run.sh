#!/usr/bin/env bash
# run.sh BUILD SECONDS [TARGET...]: runs the fuzz targets in BUILD for SECONDS in total. It runs as many targets at once
# as there are processors, and each gets an equal share of the time. BUILD/corpus keeps the inputs that a target found,
# for the next run. The seeds are in fuzz/corpus/NAME, the words in fuzz/NAME.dict. A failing input is kept in
# BUILD/artifacts, and the end of the log is printed.
set -uo pipefail
build=$(realpath "$1") seconds=$2
cd "$(dirname "${BASH_SOURCE[0]}")" || exit 2
# shellcheck source=fuzz/targets.sh
source ./targets.sh
(($# > 2)) && targets=("${@:3}")
share=$((seconds * $(nproc) / ${#targets[@]}))
((share > 0)) || share=1
export build share

fuzz() {
    local name=$1 log=$build/fuzz_$1.log options=(-max_len=1024 -len_control=0)  # long rows of choices from the start
    [[ $name == explain ]] && options=(-max_len=512 -len_control=0)  # a guess looks at each byte some hundred times
    [[ $name == grammar ]] && options=(-max_len=5000)  # a text that is too long has more than 4096 bytes
    mkdir -p "$build/corpus/$name" "$build/artifacts/$name"
    [[ -d corpus/$name ]] && options+=("corpus/$name")
    [[ -f $name.dict ]] && options+=("-dict=$name.dict")
    # shellcheck disable=SC2046 # one word or none
    if env $(kind_of "$name") "$build/fuzz/$(program_of "$name")" -max_total_time="$share" -timeout=10 \
        -rss_limit_mb=1024 -print_final_stats=1 -artifact_prefix="$build/artifacts/$name/" "$build/corpus/$name" \
        "${options[@]}" >"$log" 2>&1; then
        printf '%s, %d s: %s\n' "$name" "$share" "$(grep -F 'number_of_executed_units' "$log" | tr -s ' ')"
    else
        printf '%s failed:\n' "$name"
        grep -vE '^#[0-9]+[[:space:]]+(NEW|REDUCE|pulse|RELOAD|INITED)|^[[:space:]]*(NEW_FUNC|NEW_PC)|^ +#([2-9][0-9]|[0-9]{3}) ' "$log" | tail -n 60
        return 1
    fi
}
export -f fuzz program_of kind_of

# shellcheck disable=SC2016 # the inner shell expands it
printf '%s\0' "${targets[@]}" | xargs -0 -P "$(nproc)" -I '{}' bash -c 'fuzz "$1"' fuzz '{}'
