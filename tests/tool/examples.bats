#!/usr/bin/env bats
# Runs each example that --help prints, with only the port changed.

setup() {
  load helper
  # The certificate is also the authority, because both sides trust it.
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout server.key -out server.crt -days 2 \
    -subj /CN=localhost -addext subjectAltName=DNS:localhost,IP:127.0.0.1 2>/dev/null
  cp server.crt authority.crt
}

examples() { weir "$1" --help | sed -nE '/^Examples/,/^Exit codes/s/^  ([^ ].*)$/\1/p'; }

@test "serve" {
  local line words
  while IFS= read -r line; do
    line=${line/127.0.0.1:9000/127.0.0.1:0}
    line=${line/"'*:9000'"/127.0.0.1:0}
    line=${line/unix:@echo/unix:@weir-example-$$}
    read -ra words <<<"$line"
    : >server.out >server.err  # remove the output of the server before
    "$WEIR" "${words[@]:1}" >server.out 2>server.err 3>&- </dev/null &
    server=$!
    started+=("$server")
    until_true grep -qE 'listening on|"listening"' server.err server.out
    stop_server
    [ "$code" -eq 0 ]
  done < <(examples serve)
  [ "$(examples serve | wc -l)" -eq 4 ]
}

@test "connect" {
  local line framing
  while IFS= read -r line; do
    framing=$(sed -E 's/.* -f ([^ ]+).*/\1/' <<<"$line")
    if [[ $line == *--tls* ]]; then
      start_server 127.0.0.1:0 -f "$framing" --tls --cert server.crt --key server.key
    else
      start_server 127.0.0.1:0 -f "$framing"
    fi
    line=${line/127.0.0.1:9000/$address}
    line=${line/localhost:9443/localhost:${address##*:}}
    timeout 20 bash -c "weir() { '$WEIR' \"\$@\"; }; $line" >out
    printf '%s\n' "$line" >>ran
    cat out >>ran
  done < <(examples connect)
  [ "$(grep -c connect ran)" -eq 6 ]
  [ "$(grep -vc connect ran)" -eq 9 ]
  grep -qx bb ran
  grep -qx 00ff0a ran
  grep -qx '{"event":"message","number":1,"payload_hex":"61","text":"a"}' ran
}

@test "demo" {
  [ "$(examples demo)" = "weir demo" ]
  weir demo >out
}

@test "framing and explain" {
  printf '\0\2hi\0\3you' >capture.bin
  local line
  while IFS= read -r line; do
    code=0
    timeout 20 bash -c "weir() { '$WEIR' \"\$@\"; }; $line" >out 2>err || code=$?
    [[ $code -eq 0 || ($code -eq 3 && $line == *bad*) ]] || { echo "$line: exit $code"; cat err; return 1; }
    [ -s out ]
  done < <(examples framing; examples explain)
  [ "$(examples framing | wc -l)" -eq 2 ]
  [ "$(examples explain | wc -l)" -eq 4 ]
}
