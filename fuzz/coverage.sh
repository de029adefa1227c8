#!/usr/bin/env bash
# coverage.sh [CORPORA]: which branches of the decoding side the fuzz targets take, by llvm-cov: the corpora (build/check/fuzz/corpus, which
# run.sh filled) are replayed by the preset `coverage`. Prints one line a target, then one a file over all targets; false when less than
# 95% of all branches are taken.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
corpora=$(realpath "${1:-build/check/fuzz/corpus}")
tree=build/check/coverage least=95
# shellcheck source=fuzz/targets.sh
source fuzz/targets.sh
files=(decoder oversize lines delimited fixed length varint netstring format checksum)
sources=()
for name in "${files[@]}"; do
    for file in weir/framing/$name.{h,cc}; do [[ -f $file ]] && sources+=("$PWD/$file"); done
done

if ! { cmake --preset coverage && cmake --build "$tree"; } >"$tree.log" 2>&1; then
    tail -n 30 "$tree.log"
    exit 1
fi
mkdir -p "$tree/profile"
programs=("$tree/fuzz/fuzz_framing" -object "$tree/fuzz/fuzz_grammar")
taken() {  # taken PROFILE: the percentage of branches, and how many there are and are not taken
    llvm-cov-19 report "${programs[@]}" -instr-profile="$1" "${sources[@]}" 2>/dev/null |
        awk '$1 == "TOTAL" { printf "%s of %d branches, %d not taken", $13, $11, $12 }'
}
for name in "${targets[@]}"; do
    profile=$tree/profile/$name
    # shellcheck disable=SC2046 # one word or none
    env $(kind_of "$name") LLVM_PROFILE_FILE="$profile.profraw" "$tree/fuzz/$(program_of "$name")" -runs=0 \
        "$corpora/$name" $([[ -d fuzz/corpus/$name ]] && echo "fuzz/corpus/$name") >"$profile.log" 2>&1
    llvm-profdata-19 merge -o "$profile.profdata" "$profile.profraw"
    printf '%-10s %s\n' "$name" "$(taken "$profile.profdata")"
done
all=$tree/profile/all.profdata

llvm-profdata-19 merge -o "$all" "$tree"/profile/*.profraw
echo
llvm-cov-19 report "${programs[@]}" -instr-profile="$all" "${sources[@]}" 2>/dev/null |
    awk 'NR > 2 && NF > 12 { printf "%-24s %8s of %4d branches, %3d not taken\n", $1, $13, $11, $12 }'
total=$(taken "$all")
awk -v taken="${total%%\%*}" -v least="$least" 'BEGIN { exit !(taken >= least) }' ||
    { echo "less than $least%: llvm-cov-19 show -show-branches=count ${programs[*]} -instr-profile=$all FILE" && exit 1; }
