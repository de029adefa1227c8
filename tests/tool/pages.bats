#!/usr/bin/env bats
# The pages of docs/: both languages agree, commands print what is shown, the C++ is in the examples, and links have
# targets. page.py compares them. `WEIR=... python3 tests/tool/page.py write docs/cookbook.md build/examples` updates
# the outputs in a page. tls_page.bats checks the page about TLS, limits_page.bats those about limits and errors.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  programs=$(dirname "$WEIR")/examples
  export WEIR
}

holds() { python3 "$top/tests/tool/page.py" "$@"; }

# Sets english and chinese to the pages of this name.
page() {
  english=$top/docs/$1.md
  chinese=$top/docs/$1.zh-CN.md
}

@test "both languages of each page have the same sections, commands, outputs, code and tables" {
  local name
  for name in index first-program coroutines cookbook limits glossary comparison reference/index; do
    page "$name"
    holds languages "$english" "$chinese"
  done
  page first-program
  fails_after '/^## talk /d' languages "$chinese"
  fails_after 's/^11 bytes: how are you$/11 bytes/' languages "$chinese"
}

@test "the files and sections that the pages link to exist" {
  local name
  for name in index first-program coroutines cookbook limits glossary comparison reference/index; do
    page "$name"
    holds links "$english" "$(dirname "$english")"
    holds links "$chinese" "$(dirname "$english")"
  done
  fails_after 's/index\.zh-CN\.md/nothing.md/' links "$top/docs/reference"
}

@test "the C++ of the pages is in their examples, or compiles" {
  local name
  for name in index first-program coroutines cookbook; do
    page "$name"
    holds code "$english"
  done
  page first-program
  fails_after 's/std::to_string\(message->size\(\)\)/std::to_strng(message->size())/' code
}

@test "every command of the first program, in order, prints what is shown" {
  page first-program
  holds session "$english" "$programs"
  fails_after 's/^11 bytes: how are you$/11 bytes: how were you/' session "$programs"
}

@test "every command of the page about coroutines prints what is shown" {
  page coroutines
  holds session "$english" "$programs"
}

@test "every command of the cookbook prints what is shown" {
  page cookbook
  holds session "$english" "$programs"
}
