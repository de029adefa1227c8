#!/usr/bin/env bats
# The README: its outputs are those of the program, and both languages show the same.

setup() {
  load helper
  top="$BATS_TEST_DIRNAME/../.."
}

indented() { sed -nE 's/^    (.*)$/\1/p' "$1"; }  # prints the commands and outputs in a document
anonymous() { sed -E 's/127\.0\.0\.1:[0-9]+/127.0.0.1:PORT/g' "$@"; }

@test "the first dialogue of the README works" {
  start_server 127.0.0.1:0 -f lines
  indented "$top/README.md" | anonymous >shown
  grep -qFx "$(anonymous server.err)" shown
  grep -qFx '$ build/weir connect 127.0.0.1:PORT -f lines' shown
  [ "$(echo hello | weir connect "$address" -f lines)" = hello ]
  grep -FxA 2 '$ build/weir connect 127.0.0.1:PORT -f lines' shown | tail -n 2 | uniq -c | grep -qE '^ +2 hello$'
  [ "$(printf 'hello\n' | nc.openbsd -N 127.0.0.1 "$port")" = hello ]
}

@test "the log line about a client of another protocol is the one in the README" {
  local line
  line=$(indented "$top/README.md" | grep -A 1 '^\$ printf')
  start_server 127.0.0.1:0 -f len32
  bash -c "$(sed -nE "1s/^\\$ (.*)127\\.0\\.0\\.1 9000 *#.*/\\1/p" <<<"$line") 127.0.0.1 $port"
  says server.err HTTP
  stop_server
  [ "$(tail -n 1 <<<"$line" | anonymous)" = "$(sed -n 2p server.err | anonymous)" ]
}

# Writes the blocks of C++ of a document to program1.cc, program2.cc, and so on.
programs() { awk '/^```cpp$/ { name = "program" ++count ".cc"; next } /^```/ { name = "" } name { print >name }' "$1"; }

@test "each program of the README compiles, and the server is examples/echo.cpp" {
  programs "$top/README.md"
  [ -e program2.cc ]
  diff program1.cc <(sed '/^\/\/ /d' "$top/examples/echo.cpp")
  local program
  for program in program*.cc; do
    grep -q '^int main()' "$program"
    "${CXX:-g++}" -std=c++20 -Wall -Wextra -Werror -fsyntax-only -I "$top" "$program"
  done
}

@test "both languages show the same commands, code, framings, links and sections" {
  local language
  for language in "" .zh-CN; do
    indented "$top/README$language.md" | sed -E 's/ *#.*//' >"commands$language"
    awk '/^```/ { inside = !inside; print; next } inside' "$top/README$language.md" |
      sed -E 's: *(//|#  *).*::' >"code$language"
    sed -nE 's/^\| (`.*) \|.*\|.*\|$/\1/p' "$top/README$language.md" | sed 's/，/, /g' >"framings$language"
    grep -oE '\]\([^)]+\)' "$top/README$language.md" | sed '1d; s/\.zh-CN\.md/.md/' | sort >"links$language"
    grep -c '^## ' "$top/README$language.md" >"sections$language"
  done
  local what
  for what in commands code framings links sections; do diff "$what" "$what.zh-CN"; done
  [ "$(wc -l <framings)" -ge 6 ]
}

@test "the framings in the README parse" {
  local text
  while IFS= read -r text; do
    [[ $text == ... || $text == ...le || $text == *= ]] && continue
    start_server 127.0.0.1:0 -f "$text"
    stop_server
  done < <(sed -nE 's/^\| (`.*) \|.*\|.*\|$/\1/p' "$top/README.md" | grep -oE '`[^`]+`' | tr -d '`')
}
