#!/usr/bin/env bats
# docs/textbook.md and docs/textbook.zh-CN.md: the Python prints what is shown, and the C++ and its outputs are those of
# the programs. textbook_document.py compares them.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/textbook.md
  chinese=$top/docs/textbook.zh-CN.md
  programs=$(dirname "$WEIR")/examples/textbook
}

holds() { python3 -W ignore "$top/tests/tool/textbook_document.py" "$@"; }

@test "both languages of the textbook have the same code and outputs, and each lesson has every part" {
  holds languages "$english" "$chinese"
  fails_after 's/^13$/14/; s/^18$/19/' languages "$chinese"
  fails_after '/^## T6 /d' languages "$chinese"
}

@test "the textbook's outputs are what its programs print" {
  holds outputs "$english" "$programs"
  fails_after 's/^reader late: onetwothree$/reader late: one/' outputs "$programs"
}

@test "the textbook's C++ is in its programs, and each omission is marked" {
  holds code "$english"
  fails_after 's/^must\(listener\.listen\(5\)\);$/must(listener.listen(6));/' code
  fails_after '/^\/\/ \.\.\.$/d' code
  fails_after '/^must\(client\.shutdown\(weir::half::send\)\);/d' code
  fails_after 's/^must\(listener\.bind\(here\)\);$/&\n\/\/ .../' code
}

@test "the textbook's Python prints what is shown" {
  holds python "$english"
  fails_after "s/^b'answer'\$/b'silence'/" python
}

@test "each lesson ends with an exercise and its folded answer" {
  holds exercises "$english"
  holds exercises "$chinese"
  fails_after '/^## T7 /,/^## T8 /{/^<details>/d}' exercises
  # shellcheck disable=SC2016 # sed expands it, not the shell
  fails_after '/^## T19 /,${/^\*\*Exercise/d}' exercises
}

@test "the textbook's drawings are aligned, also with characters that are two columns wide" {
  holds drawings "$english"
  holds drawings "$chinese"
  fails_after 's/│ send buffer /│ 发送缓冲区 /' drawings
}

@test "the textbook's links have targets" {
  python3 "$top/tests/tool/page.py" links "$english" "$top/docs"
  python3 "$top/tests/tool/page.py" links "$chinese" "$top/docs"
}

@test "the textbook's command compiles a program with lesson.h in the same folder" {
  command -v g++ >/dev/null || skip "there is no g++"
  mkdir tools
  printf '#!/bin/sh\n[ "$*" = "--cflags --libs weir" ] && echo "-I%s -fsyntax-only"\n' "$top" >tools/pkg-config
  chmod +x tools/pkg-config
  cp "$top"/examples/textbook/{t04_open.cpp,lesson.h} .
  line=$(grep -m1 '^g++ ' "$english")
  # shellcheck disable=SC2016 # as printed
  [[ $line == *' && ./$NAME' ]]
  NAME=t04_open PATH=$PWD/tools:$PATH bash -c "${line%% && *}"
}
