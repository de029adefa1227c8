#!/usr/bin/env bats
# docs/framing.md and its Chinese version: their outputs, descriptions, error texts and code agree with the command and
# the examples. framing_document.py compares them. `WEIR=... tests/tool/framing_document.py write docs/framing.md`
# updates the outputs in the document.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/framing.md
  chinese=$top/docs/framing.zh-CN.md
  protocols=("$top"/tests/framing/protocols_{computers,devices}.h)
  export WEIR
}

holds() { python3 "$top/tests/tool/framing_document.py" "$@"; }

@test "both languages have the same sections, commands, code and tables" {
  holds languages "$english" "$chinese"
  fails_after '/^## varint /d' languages "$chinese"
  fails_after 's/^3 whole frames in 14 bytes as lines$/4 whole frames/' languages "$chinese"
  fails_after 's/^\| in \| `lines:crlf` .*/| in | `lines` | `00` | `x` |/' languages "$chinese"
  fails_after 's/^framing::fixed\(64\),$/framing::fixed(65),/' languages "$chinese"
}

@test "every output was printed by its command" {
  holds outputs "$english"
  holds outputs "$chinese"
  fails_after 's/^A message has at most 1 MiB; .*/A message has any size./' outputs
  fails_after "s/^(\\$ printf '5:hello,0:),'/\\1;'/" outputs
}

@test "every description parses, its bytes are frames of it, and every error text is the program's" {
  holds tables "$english"
  holds tables "$chinese"
  fails_after 's/`fixed:64` \|/`fixed64` |/' tables
  fails_after 's/`000768656c6c6f`|`0000000768656c6c6f`/`0000000668656c6c6f`/' tables
  fails_after 's/^(\| in .*)`the length has a leading zero`/\1`a zero`/' tables
  fails_after 's/^(\| out .*)`it ends in CR, .*`/\1`it ends`/' tables
  fails_after 's/^(\| text .*)`max is given twice`/\1`twice`/' tables
}

@test "the protocols of the section `field` are those in the tests of the framings" {
  holds field "$english" "${protocols[@]}"
  fails_after 's/`50494e470d0a`/`50494e480d0a`/' field "${protocols[@]}"
}

@test "the C++ is in the examples, and every link has a target" {
  holds code "$english"
  holds links "$english" "$top/docs"
  holds links "$chinese" "$top/docs"
  fails_after 's/^framing::fixed\(64\),$/framing::fixed(65),/' code
  fails_after 's/weir\/framing\/formats\/lines\.h/weir\/framing\/formats\/line.h/' links "$top/docs"
  fails_after 's/^## own · .*/## own/' links "$top/docs"
}
