#!/usr/bin/env bats
# docs/tls.md and docs/tls.zh-CN.md: their commands print what is shown, their C++ compiles, and their error texts are
# those of the library. page.py compares them. `WEIR=... python3 tests/tool/page.py write docs/tls.md build/examples`
# updates the outputs in the page.

setup() {
  load helper
  load documents
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  english=$top/docs/tls.md
  chinese=$top/docs/tls.zh-CN.md
  programs=$(dirname "$WEIR")/examples
  export WEIR
}

holds() { python3 "$top/tests/tool/page.py" "$@"; }

@test "the English and the Chinese page about TLS have the same sections, commands, outputs, code and error texts" {
  holds languages "$english" "$chinese"
  fails_after '/^## alpn /d' languages "$chinese"
  fails_after 's/^server.crt: OK$/server.crt: good/' languages "$chinese"
  fails_after 's/`the certificate is for …, not …`/`the certificate is for …`/' languages "$chinese"
}

@test "every command of the page about TLS, in order, prints what is shown" {
  [[ -x $programs/tls_client ]] || skip "weir was built without TLS"
  holds session "$english" "$programs"
}

@test "a wrong output of a command and a wrong line of a server on the page about TLS are detected" {
  [[ -x $programs/tls_client ]] || skip "weir was built without TLS"
  sed '/^## mutual /,$d' "$english" >short.md
  sed -i 's/^server.crt: OK$/server.crt: good/; s/: this looks like plain text/: this looks like an SSH banner/' short.md
  run holds session short.md "$programs"
  [ "$status" -eq 1 ]
  [[ $output == *"server.crt: good"*"server.crt: OK"* && $output == *"this looks like plain text"* ]]
}

@test "the C++ of the page about TLS is in the examples, or compiles" {
  [[ -x $programs/tls_client ]] || skip "weir was built without TLS"
  holds code "$english"
  fails_after 's/how\.wrappers = \*secure;/how.wrapper = *secure;/' code
  fails_after 's/how\.own = \*own;/how.mine = *own;/' code
}

@test "the error texts of the page about TLS are those of the library, and its links have targets" {
  holds texts "$english"
  holds links "$english" "$top/docs"
  holds links "$chinese" "$top/docs"
  fails_after 's/is self-signed, and not trusted here`/is signed by nobody`/' texts
  fails_after 's/^## end · .*/## end/' links "$top/docs"
}
