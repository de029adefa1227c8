#!/usr/bin/env bats
# The compiler's first error about a wrong program: an old standard, a forgotten co_await, an unchecked result.

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || exit 1
  # shellcheck source=tests/house/common.sh
  source tests/house/common.sh .
  mistakes=tests/compile_help/mistakes.cpp
}

# first_error COMPILER HEADER: prints the first error for the header in C++17
first_error() {
  printf '#include <%s>\n' "$2" | "$1" -std=c++17 -Wfatal-errors -fsyntax-only -I. -x c++ - 2>&1 | grep -m1 error:
}
export -f first_error

# asks_for_20 COMPILER HEADER...: prints the headers whose first error does not ask for C++20
asks_for_20() {
  # shellcheck disable=SC2016 # the inner shell expands
  printf '%s\n' "${@:2}" | xargs -P 2 -I{} bash -c '
    [[ $(first_error "$1" "$2") == *"language.h"*"weir needs C++20: compile with -std=c++20"* ]] || echo "$2"' - "$1" {}
}

@test "every public header in C++17: the first error asks for C++20" {
  mapfile -t headers < <(public_headers)
  [ "${#headers[@]}" -gt 100 ]
  run asks_for_20 g++ "${headers[@]}"
  [ -z "$output" ] || { echo "$output"; return 1; }
  mapfile -t headers < <(public_headers | grep -v /internal/)
  run asks_for_20 clang++-19 "${headers[@]}"
  [ -z "$output" ] || { echo "$output"; return 1; }
}

@test "this test detects a header that includes <coroutine> before language.h" {
  mkdir -p "$BATS_TEST_TMPDIR/weir"
  printf '#include <coroutine>\n#include <weir/base/language.h>\n' >"$BATS_TEST_TMPDIR/wrong.h"
  [ "$(asks_for_20 g++ "$BATS_TEST_TMPDIR/wrong.h")" = "$BATS_TEST_TMPDIR/wrong.h" ]
}

# unsaid COMPILER: prints the lines of mistakes.cpp whose text is not in the first error or warning for that line
unsaid() {
  "$1" -std=c++20 -fsyntax-only -I. "${@:2}" "$mistakes" >"$BATS_TEST_TMPDIR/said" 2>&1
  python3 - "$mistakes" "$BATS_TEST_TMPDIR/said" "$1" <<'END'
import re, sys
source, said, compiler = sys.argv[1], open(sys.argv[2]).read().splitlines(), sys.argv[3]
headline = re.compile(r": (?:fatal )?(?:error|warning): ")
firsts = {}  # by line of the source: the first error or warning about it
current, pending = None, None
for line in said:
    here = re.match(re.escape(source) + r":(\d+):", line)
    if headline.search(line):
        current = line
        place = int(here[1]) if here else pending  # g++ names the line before an error in a template
        if place: firsts.setdefault(place, line)
        pending = None
    elif here and "required from here" in line:
        pending = int(here[1])
    elif here and "requested here" in line and current:  # clang names the line after the error
        firsts.setdefault(int(here[1]), current)
for number, line in enumerate(open(source), 1):
    wanted = re.search(r"// says: (.*)", line)
    if wanted and wanted[1] not in firsts.get(number, ""):
        print(f"{compiler}: {source}:{number}: {firsts.get(number, 'nothing')}")
END
}

@test "for each mistake the first message of g++ and of clang says what to write instead" {
  [ "$(grep -c 'says: ' "$mistakes")" -gt 15 ]
  run unsaid g++
  [ -z "$output" ] || { echo "$output"; return 1; }
  run unsaid clang++-19
  [ -z "$output" ] || { echo "$output"; return 1; }
}
