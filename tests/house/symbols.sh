#!/usr/bin/env bash
# symbols.sh STATIC SHARED: the directories of the static and the shared libraries. No symbol is defined in two
# libraries, and the shared ones export only weir (and instances of the standard library's templates). Prints what
# is wrong.
set -uo pipefail
static=$1 shared=$2
wrong=0
refuse() {  # refuse SENTENCE: every line on standard input is a violation
    sed "s/\$/: $1/" | grep . && wrong=1
}
# The defined symbols; weak ones (inline functions, templates) may well be in both.
strong() { nm --defined-only --extern-only "$@" | awk 'NF == 3 && $2 ~ /^[A-TX-Z]$/ { print $3 }' | c++filt | sort -u; }
exported() { nm --dynamic --defined-only "$1" | awk '$2 != "A" { print $2, $3 }' | c++filt | sort -u; }

for file in "$static"/libweir{,_framing}.a "$shared"/libweir{,_framing}.so; do
    [[ -s $file ]] || { printf '%s is not there\n' "$file"; exit 1; }
done
refuse "is defined in both libraries" < <(
    comm -12 <(strong "$static/libweir_framing.a") <(strong "$static/libweir.a"))
refuse "is defined in both shared libraries" < <(
    comm -12 <(strong --dynamic "$shared/libweir_framing.so") <(strong --dynamic "$shared/libweir.so"))
for library in weir weir_framing; do
    # Weak and unique symbols (V, W, u) are instances of the standard library's templates.
    refuse "is exported by lib$library.so" < <(
        exported "$shared/lib$library.so" | grep -vE '\bweir::|^[VWu] .*\bstd::|^[VWu] .*__gnu_cxx::')
done
exit "$wrong"
