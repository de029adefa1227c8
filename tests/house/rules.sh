#!/usr/bin/env bash
# rules.sh [ROOT]: checks the rules for the sources that no compiler checks. Prints the violations.
set -uo pipefail
# shellcheck source=tests/house/common.sh
source "$(dirname "${BASH_SOURCE[0]}")/common.sh"

# Only files that the build selects, and language.h, which refuses old compilers, may use #if. All other files are the
# same everywhere.
refuse "no #if: let the build select one of two files" < <(
    sources weir tool examples | grep -vE '/(mark_scan|isolate)_[a-z0-9]+\.cc$|^weir/base/language\.h$' |
        search '^ *# *(if|el)')
refuse "no macro but WEIR_CHECK" < <(
    sources weir tool examples bench | search '^ *# *define' | grep -vE ':# *define WEIR_CHECK\(')
refuse "a header has #pragma once" < <(
    sources weir tool tests bench | grep '\.h$' | xargs -r -d '\n' grep -LxE '#pragma once')

# g++ 12 drops the whole body of a coroutine that has no local variable and begins with `if (co_await ...)`. It also destroys the result
# of a co_await in a ?: expression when that co_await was not evaluated.
refuse "name what is awaited in a condition: if (auto got = co_await ...)" < <(
    sources weir tool tests examples bench | search '^[^/]*\b(if|while) \(!?co_await')
refuse "no co_await in a ?: expression" < <(
    sources weir tool tests examples bench | search '^[^/]*\?.*:.*co_await')

# A source that includes its own header first proves that the header is complete. The step `headers` compiles the other
# headers alone.
not_first() {  # prints the sources on standard input that include another header before their own
    local file first
    while IFS= read -r file; do
        [[ -e ${file%.cc}.h ]] || continue
        first=$(grep -m1 -oE '^#include [<"][^>"]+' "$file")
        [[ ${first#*[<\"]} == "${file%.cc}.h" ]] || printf '%s\n' "$file"
    done
}
refuse "a source includes its own header first" < <(sources weir | grep '\.cc$' | not_first)

# Every file must be listed in the CMakeLists.txt of its folder. Otherwise it would not be built, checked or installed.
unlisted() {  # unlisted FOLDER: prints the files on standard input that are missing in the list of FOLDER
    local file
    while IFS= read -r file; do
        grep -qE "[ (]${file#"$1"/}( |\)|$)" "$1/CMakeLists.txt" || printf '%s\n' "$file"
    done
}
refuse "is not listed in weir/CMakeLists.txt" < <(sources weir | unlisted weir)
refuse "is not listed in tool/CMakeLists.txt" < <(sources tool | grep '\.cc$' | unlisted tool)

# A public header exports the names that it declares. A private header exports nothing.
refuse "a public header opens namespace [[gnu::visibility(\"default\")]] weir" < <(
    public_headers | search '^namespace weir\b')
refuse "a private header exports nothing: namespace weir::internal, or list it as public" < <(
    private_headers | search '^namespace \[\[gnu::visibility')
# decoder_state.h defines nested classes of the public decoder.
refuse "a private header declares namespace weir::internal" < <(
    private_headers | grep -vE '/decoder_state\.h$' |
        xargs -r -d '\n' grep -LE '^namespace weir::([a-z]+::)?internal \{')
refuse "a header in internal/ declares its names in namespace internal" < <(
    public_headers | grep '/internal/' | xargs -r -d '\n' grep -LxE 'namespace internal \{')

refuse "more than 120 columns" < <(sources weir tool tests examples fuzz bench | search '^.{121,}')

# The length of a file: aim at 100 lines, explain more than 300, split more than 500.
longer_than() {
    sources weir tool tests examples fuzz bench | xargs -r -d '\n' wc -l | awk -v most="$1" '$2 != "total" && $1 > most'
}
refuse "more than 500 lines: one idea a file" < <(longer_than 500)
longer_than 300 | awk '{ print $0 " (more than 300: does it still hold one idea?)" }'

refuse "more than 25 files in a folder: it needs folders with names" < <(
    sources weir tool | sed 's|/[^/]*$||' | sort | uniq -c | awk '$1 > 25 { print $2 ": " $1 " files" }')

# Prints the rows of tables that have at least six figures.
rows() { grep -hoE '( \| [0-9][0-9.,]*){6,} \|$' "$@" 2>/dev/null; }
refuse "a row of README's figures is one that bench/compare printed: bench/RESULTS.md has it" < <(
    rows README*.md | grep -vxFf <(rows bench/RESULTS.md))

# No committed file contains a path of the machine on which it was written.
here=$(pwd -P)
places="/(home|Users)/[a-z][a-z0-9_.-]*/|/root/"
((${#here} > 6)) && places+="|$here/"
every_file() {
    git ls-files --cached --others --exclude-standard 2>/dev/null ||
        find . -type f -not -path './.git/*' -not -path './build/*' -printf '%P\n'
}
refuse "a path of somebody's machine" < <(
    every_file | grep -vxF tests/house/rules.sh | xargs -r -d '\n' grep -nHIE "$places" 2>/dev/null)
verdict
