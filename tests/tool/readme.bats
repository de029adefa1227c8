#!/usr/bin/env bats
# The README: what it shows was printed by the program, and both languages show the same.

setup() {
  load helper
  top="$BATS_TEST_DIRNAME/../.."
}

indented() { sed -nE 's/^    (.*)$/\1/p' "$1"; }  # the terminal's lines of a document
anonymous() { sed -E 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' "$@"; }

@test "the dialogue of thirty seconds" {
  start_server 127.0.0.1:0 -f lines
  indented "$top/README.md" | anonymous >shown
  grep -qFx "$(anonymous server.err)" shown
  grep -qFx '$ build/weir connect 127.0.0.1:PORT -f lines' shown
  [ "$(echo hello | weir connect "$address" -f lines)" = hello ]
  grep -FxA 2 '$ build/weir connect 127.0.0.1:PORT -f lines' shown | tail -n 2 | uniq -c | grep -qE '^ +2 hello$'
  [ "$(printf 'hello\n' | nc.openbsd -N 127.0.0.1 "$port")" = hello ]
}

@test "the stranger" {
  local line
  line=$(indented "$top/README.md" | grep -A 1 '^\$ printf')
  start_server 127.0.0.1:0 -f len32
  bash -c "$(sed -nE "1s/^\\$ (.*)127\\.0\\.0\\.1 9000 *#.*/\\1/p" <<<"$line") 127.0.0.1 $port"
  says server.err HTTP
  stop_server
  [ "$(tail -n 1 <<<"$line" | anonymous)" = "$(sed -n 2p server.err | anonymous)" ]
}

@test "its program compiles, and both languages show the same commands and code" {
  local language
  for language in "" .zh-CN; do
    indented "$top/README$language.md" | sed -E 's/ *#.*//' >"commands$language"
    awk '/^```/ { inside = !inside; next } inside' "$top/README$language.md" | sed -E 's: *(//|#  *).*::' >"code$language"
    sed -nE 's/^\| (`.*) \|.*\|.*\|$/\1/p' "$top/README$language.md" | sed 's/，/, /g' >"framings$language"
  done
  diff commands commands.zh-CN
  diff code code.zh-CN
  diff framings framings.zh-CN
  [ "$(wc -l <framings)" -ge 6 ]
  {
    awk '/^```/ { ++block; next } block == 1 && /^#include/' "$top/README.md"
    printf 'int shown() {\n'
    awk '/^```/ { inside = !inside; ++block; next } inside && block == 1 && !/^#include/' "$top/README.md"
    printf 'return 0; }\n'
  } >program.cc
  "${CXX:-g++}" -std=c++20 -fsyntax-only -I "$top" program.cc
}

@test "its framings parse" {
  local text
  while IFS= read -r text; do
    [[ $text == ... || $text == ...le || $text == *= ]] && continue
    start_server 127.0.0.1:0 -f "$text"
    stop_server
  done < <(sed -nE 's/^\| (`.*) \|.*\|.*\|$/\1/p' "$top/README.md" | grep -oE '`[^`]+`' | tr -d '`')
}
