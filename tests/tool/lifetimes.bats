#!/usr/bin/env bats
# docs/lifetimes.md and docs/lifetimes.zh-CN.md: each wrong program prints the error that they show, and each right one
# runs. lifetimes_document.py compares.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/lifetimes.md
  chinese=$top/docs/lifetimes.zh-CN.md
  programs=$(dirname "$WEIR")/tests/lifetimes
}

holds() { python3 "$top/tests/tool/lifetimes_document.py" "$@"; }

@test "both languages of the page of lifetimes show the same code and outputs" {
  holds languages "$english" "$chinese"
  fails_after 's/own\(\) makes a copy$/own() makes one/' languages "$chinese"
}

@test "the code of the lifetimes is in programs, and every program is shown" {
  holds code "$english"
  fails_after 's/first->own\(\)/first->view()/' code
  fails_after 's,\(../tests/lifetimes/two_receives.cpp\),(two_receives.cpp),' code
}

@test "each mistake prints the error that is shown, and the right code runs" {
  holds outputs "$english" "$programs"
  fails_after 's/: a task can be awaited only once$/: a task is awaited twice/' outputs "$programs"
}

@test "what does not compile is refused with the sentence that is shown" {
  holds refusals "$english"
  fails_after 's/ Pass them as further arguments$/ Pass them on/' refusals
}
