#!/usr/bin/env bats
# docs/lifetimes.md and its Chinese sister: each wrong program gets the error that they show, and each right one runs.
# lifetimes_document.py looks.

setup() {
  load helper
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/lifetimes.md
  chinese=$top/docs/lifetimes.zh-CN.md
  programs=$(dirname "$WEIR")/tests/lifetimes
  export LC_ALL=C.UTF-8
}

holds() { python3 "$top/tests/tool/lifetimes_document.py" "$@"; }

fails_after() {  # fails_after SED-SCRIPT CHECK [ARGUMENT...]: of the altered document
  sed "$1" "$english" >altered.md
  ! cmp -s altered.md "$english"
  run holds "$2" altered.md "${@:3}"
  [ "$status" -eq 1 ] || { echo "not noticed: $1"; return 1; }
}

@test "both languages of the lifetimes show the same code and outputs" {
  holds languages "$english" "$chinese"
  fails_after 's/own() keeps one$/own() keeps it/' languages "$chinese"
}

@test "the code of the lifetimes stands in programs, and every program is shown" {
  holds code "$english"
  fails_after 's/first->own()/first->view()/' code
  fails_after 's,(../tests/lifetimes/two_receives.cpp),(two_receives.cpp),' code
}

@test "each mistake gets the error that is shown, and the right way runs" {
  holds outputs "$english" "$programs"
  fails_after 's/: a task is awaited once$/: a task is awaited twice/' outputs "$programs"
}

@test "what does not compile is refused with the sentence that is shown" {
  holds refusals "$english"
  fails_after 's/ Pass them as further arguments$/ Pass them on/' refusals
}
