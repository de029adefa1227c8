#!/usr/bin/env bash
# symbols.sh STATIC SHARED: checks the static and the shared libraries in these directories. No symbol may be defined in
# two libraries, and the shared libraries may export only weir and instances of templates of the standard library.
# Prints the violations.
set -uo pipefail
static=$1 shared=$2
wrong=0
refuse() {  # refuse SENTENCE: every line on standard input is a violation
    sed "s/\$/: $1/" | grep . && wrong=1
}
# Prints the defined symbols. Weak ones (inline functions, templates) are left out, because both libraries may have
# them.
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
    # Weak and unique symbols (V, W, u) are instances of templates of the standard library.
    refuse "is exported by lib$library.so" < <(
        exported "$shared/lib$library.so" | grep -vE '\bweir::|^[VWu] .*\bstd::|^[VWu] .*__gnu_cxx::')
done
exit "$wrong"
