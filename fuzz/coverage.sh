#!/usr/bin/env bash
# coverage.sh [CORPORA]: measures with llvm-cov which branches of the decoding code the fuzz targets take. A build with
# the preset `coverage` replays the corpora (build/check/fuzz/corpus, which run.sh fills). Prints for each target the
# coverage of the code of its kind and of the shared decoder, and then the coverage of each file by all targets. Exits
# with 1 if a target takes less than 95% of the branches of its own files, or if all targets together take less than 95%
# of all branches. WEIR_CHECK is left out, because a failing check ends the program.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
corpora=$(realpath "${1:-build/check/fuzz/corpus}")
tree=build/check/coverage least=95
# shellcheck source=fuzz/targets.sh
source fuzz/targets.sh

file_of() { if [[ $1 =~ ^(record|chunks|idle)$ ]]; then echo fixed; else echo "$1"; fi; }
shared='decoder oversize format checksum'

if ! { cmake --preset coverage && cmake --build "$tree"; } >"$tree.log" 2>&1; then
    tail -n 30 "$tree.log"
    exit 1
fi
mkdir -p "$tree/profile"

# branches PROFILE CLASS NAME...: prints a line for each weir/framing/NAME.{h,cc}: the name, the number of branches, and
# the number of those that were taken. If CLASS is not empty, counts only the functions of this class.
branches() {
    local profile=$1 class=$2 name file sources=()
    for name in "${@:3}"; do
        for file in weir/framing/$name.{h,cc}; do [[ -f $file ]] && sources+=("$PWD/$file"); done
    done
    llvm-cov-19 export -format=lcov "$tree/fuzz/fuzz_framing" -object "$tree/fuzz/fuzz_grammar" -instr-profile="$profile" "${sources[@]}" 2>/dev/null |
        awk -F '[:,]' -v class="$class" '
            $1 == "SF" {
                file = name = $2
                sub(".*/", "", name)
                sub("[.][a-z]*$", "", name)
                lines = 0
                inside = class == ""
                while ((getline text < file) > 0) {
                    if (class != "" && text ~ /^[^ ].*::/) inside = index(text, class "::") > 0
                    counts[file, ++lines] = inside && text !~ /WEIR_CHECK\(/
                }
                if (!seen[name]++) names[++count] = name
            }
            $1 == "BRDA" && counts[file, $2] {
                ++all[name]
                taken[name] += $5 != "-" && $5 > 0
            }
            END { for (i = 1; i <= count; ++i) print names[i], all[names[i]] + 0, taken[names[i]] + 0 }'
}
share() { awk '{ all += $2; taken += $3 } END { printf "%5.1f%% of %3d", all ? 100 * taken / all : 100, all }'; }
enough() { awk -v share="$1" -v least="$least" 'BEGIN { exit !(share + 0 >= least) }'; }

held=true
echo 'not counted: what only a failing WEIR_CHECK takes, for the program ends there'
for name in "${targets[@]}"; do
    [[ $name == explain ]] && continue  # explain belongs to the command, not to the decoding code
    profile=$tree/profile/$name
    # shellcheck disable=SC2046 # one word or none
    env $(kind_of "$name") LLVM_PROFILE_FILE="$profile.profraw" "$tree/fuzz/$(program_of "$name")" -runs=0 \
        "$corpora/$name" $([[ -d fuzz/corpus/$name ]] && echo "fuzz/corpus/$name") >"$profile.log" 2>&1
    llvm-profdata-19 merge -o "$profile.profdata" "$profile.profraw"
    class=''
    [[ $(file_of "$name") == fixed ]] && class=${name/record/fixed}_format
    own=$(branches "$profile.profdata" "$class" "$(file_of "$name")" | share)
    printf '%-10s its own %s branches, decoder %s\n' "$name" "$own" "$(branches "$profile.profdata" '' decoder | share)"
    enough "$own" || held=false
done
all=$tree/profile/all.profdata
llvm-profdata-19 merge -o "$all" "$tree"/profile/*.profraw
echo
# shellcheck disable=SC2086 # names of files
branches "$all" '' grammar lines delimited fixed length varint netstring $shared |
    awk '{ printf "%-10s %5.1f%% of %3d branches, %2d not taken\n", $1, 100 * $3 / ($2 ? $2 : 1), $2, $2 - $3 }'
# shellcheck disable=SC2086 # names of files
total=$(branches "$all" '' lines delimited fixed length varint netstring $shared | share)
printf 'decoding   %s branches\n' "$total"
enough "$total" || held=false
$held || { echo "less than $least%: llvm-cov-19 show -show-branches=count $tree/fuzz/fuzz_framing -instr-profile=$all FILE" && exit 1; }
