#!/usr/bin/env bats
# docs/textbook.md and its Chinese sister: their Python, their C++ and their outputs are what Python, the examples and their programs
# say; textbook_document.py looks.

setup() {
  load helper
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/textbook.md
  chinese=$top/docs/textbook.zh-CN.md
  programs=$(dirname "$WEIR")/examples
}

holds() { python3 -W ignore "$top/tests/tool/textbook_document.py" "$@"; }

fails_after() {  # fails_after SED-SCRIPT CHECK [ARGUMENT...]: of the altered document
  sed "$1" "$english" >altered.md
  ! cmp -s altered.md "$english"
  run holds "$2" altered.md "${@:3}"
  [ "$status" -eq 1 ] || { echo "not noticed: $1"; return 1; }
}

@test "both languages of the textbook show the same code and outputs, for each row" {
  holds languages "$english" "$chinese"
  fails_after 's/^13$/14/; s/^18$/19/' languages "$chinese"
  fails_after '/^## T7 /d' languages "$chinese"
}

@test "the textbook's outputs are what its programs print" {
  holds outputs "$english" "$programs"
  fails_after 's/^late: onetwothree$/late: one/' outputs "$programs"
}

@test "the textbook's C++ stands in its programs" {
  holds code "$english"
  fails_after 's/^must(listener.listen(5));$/must(listener.listen(6));/' code
}

@test "the textbook's Python answers what is shown" {
  holds python "$english"
  fails_after "s/^b'answer'\$/b'silence'/" python
}

@test "the textbook's drawings are upright, also where a character is two columns wide" {
  holds drawings "$english"
  holds drawings "$chinese"
  fails_after 's/│ send buffer /│ 发送缓冲区 /' drawings
}
