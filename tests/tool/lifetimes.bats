#!/usr/bin/env bats
# docs/lifetimes.md and docs/lifetimes.zh-CN.md: each wrong program prints the error on the page, and each correct one
# runs. lifetimes_document.py compares them.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/lifetimes.md
  chinese=$top/docs/lifetimes.zh-CN.md
  programs=$(dirname "$WEIR")/tests/lifetimes
}

holds() { python3 "$top/tests/tool/lifetimes_document.py" "$@"; }

@test "the English and the Chinese page about lifetimes show the same code and outputs" {
  holds languages "$english" "$chinese"
  fails_after 's/own\(\) makes a copy$/own() makes one/' languages "$chinese"
}

@test "the code on the page is in the programs, and every program is shown" {
  holds code "$english"
  fails_after 's/first->own\(\)/first->view()/' code
  fails_after 's,\(../tests/lifetimes/two_receives.cpp\),(two_receives.cpp),' code
}

@test "each mistake prints the error on the page, and the correct code runs" {
  holds outputs "$english" "$programs"
  fails_after 's/: a task can be awaited only once$/: a task is awaited twice/' outputs "$programs"
}

@test "code that must not compile is refused with the error on the page" {
  holds refusals "$english"
  fails_after 's/ Pass them as further arguments$/ Pass them on/' refusals
}
