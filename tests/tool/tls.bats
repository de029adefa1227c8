#!/usr/bin/env bats
# TLS of serve and connect: the effect of each option, and the exact message about each failure.

setup_file() {
  load helper
  load tls
  make_certificates
}

setup() {
  load helper
  load tls
  needs_tls
}

@test "serve makes a certificate in memory, and connect accepts it by its pin" {
  start_server 127.0.0.1:0 -f lines --tls
  local pin names
  pin=$(sed -nE 's/.* clients accept it with --pin (sha256:[A-Za-z0-9+\/]{43}=)$/\1/p' server.err)
  names="localhost, 127.0.0.1, ::1"
  [ "$(uname -n)" = localhost ] || names+=", $(uname -n)"
  grep -qxF "weir serve: no --cert is given: a certificate for $names was made in memory; clients accept it with --pin $pin" server.err
  ask --pin "$pin"
  is 0 hello
  local other=sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
  ask --pin "$other,$pin"
  is 0 hello
  ask --pin "$other"
  failed "the public key is $pin, which is not pinned here"
  said "the TLS handshake failed: the client does not accept this server's certificate"
  ask
  failed "the certificate for localhost, 127.0.0.1, ::1 and 1 more is self-signed, and not trusted here"
}

@test "the certificate in memory is also for the host of the address" {
  start_server '[::1]:0' -f lines --tls
  openssl s_client -connect "[::1]:$port" </dev/null 2>/dev/null >self.pem
  openssl x509 -in self.pem -noout -ext subjectAltName >names
  grep -q "DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1" names
  [ "$(grep -o 0:0:0:0:0:0:0:1 names | wc -l)" -eq 1 ]
  run bash -c 'echo hello | timeout 20 "$@"' - "$WEIR" connect "[::1]:$port" -f lines --tls --ca self.pem
  is 0 hello
  start_server 127.0.0.2:0 -f lines --tls
  openssl s_client -connect "127.0.0.2:$port" </dev/null 2>/dev/null | openssl x509 -noout -ext subjectAltName | grep -q "IP Address:127.0.0.2"
}

@test "connect verifies the chain, the dates and the host of the address" {
  serve_tls server
  trusting
  is 0 hello
  run bash -c 'echo hello | "$@"' - "$WEIR" connect "127.0.0.1:$port" -f lines --tls --ca "$made/authority.crt"
  is 0 hello
  ask
  failed "the certificate for localhost, 127.0.0.1 is issued by CN=authority, which is not trusted here"
  said "the TLS handshake failed: the client does not trust the issuer of this server's certificate"
  ask --ca "$made/stranger.crt"
  failed "the certificate for localhost, 127.0.0.1 is issued by CN=authority, which is not trusted here"
  serve_tls elsewhere
  trusting
  failed "the certificate is for elsewhere.test, not localhost"
  trusting --sni elsewhere.test
  failed "the certificate is for elsewhere.test, not localhost"
}

@test "serve does not start with a certificate that it cannot use" {
  refused() {  # refused SENTENCE OPTION...
    run timeout 20 "$WEIR" serve 127.0.0.1:0 -f lines --tls "${@:2}"
    is 1 "weir serve: $1"
  }
  cd "$made"
  refused "set up tls: the certificate for localhost, 127.0.0.1 expired on 2020-02-01 00:00:00 UTC" --cert expired.crt --key expired.key
  refused "read none.crt: there is no such file" --cert none.crt --key server.key
  refused "read server.crt: there is no private key in it (-----BEGIN PRIVATE KEY-----)" --cert server.crt
  refused "read server.key: there is no certificate in it (-----BEGIN CERTIFICATE-----)" --cert server.key
  refused "read alice.key: the key does not belong to the certificate for localhost, 127.0.0.1; the certificate of the key must be the first one in its file" \
    --cert server.crt --key alice.key
  refused "read locked.key: the key is encrypted, and no password was given" --cert server.crt --key locked.key
  refused "read none.crt: there is no such file" --cert server.pem --client-ca none.crt
}

@test "one file may have both certificate and key; the password of a key is read from a file" {
  start_server 127.0.0.1:0 -f lines --tls --cert "$made/server.pem"
  trusting
  is 0 hello
  echo secret >password
  start_server 127.0.0.1:0 -f lines --tls --cert "$made/server.crt" --key "$made/locked.key" --key-password-file password
  trusting
  is 0 hello
  echo wrong >password
  run timeout 20 "$WEIR" serve 127.0.0.1:0 -f lines --tls --cert "$made/server.crt" --key "$made/locked.key" --key-password-file password
  is 1 "weir serve: read $made/locked.key: the key is encrypted, and the password is wrong"
  run timeout 20 "$WEIR" serve 127.0.0.1:0 -f lines --tls --cert "$made/server.crt" --key "$made/locked.key" --key-password-file none
  is 1 "weir serve: read none: No such file or directory"
}

@test "with --client-ca clients must show a certificate" {
  serve_tls server --client-ca "$made/authority.crt" -v
  trusting --cert "$made/alice.pem"
  is 0 hello
  said 'connected \(TLSv1\.3, TLS_AES_128_GCM_SHA256, peer "CN=alice", server name "localhost"\)'
  trusting
  [ "$status" -eq 1 ]
  [[ ${lines[0]} == "weir connect: 127.0.0.1:$port: tls: the server requires a client certificate" ]]
  said "the TLS handshake failed: the client shows no certificate, and one is required"
  trusting --cert "$made/mallory.pem"
  [ "$status" -eq 1 ]
  [[ ${lines[0]} == "weir connect: 127.0.0.1:$port: tls: the server does not trust the issuer of this client's certificate" ]]
  said "the TLS handshake failed: the certificate for mallory.test is issued by CN=stranger, which is not trusted here"
}

@test "--alpn: a common protocol is chosen; without one both sides report an error" {
  serve_tls server --alpn weir/2,weir/1 -v
  trusting --alpn weir/0,weir/1
  is 0 hello
  said 'connected \(TLSv1\.3, TLS_AES_128_GCM_SHA256, alpn weir/1, server name "localhost"\)'
  trusting --alpn h2
  failed "the server has no application protocol (ALPN) in common with this side"
  said "the TLS handshake failed: the peer has no application protocol \(ALPN\) in common with this side"
  trusting
  failed "the server has no application protocol (ALPN) in common with this side"
  said "the TLS handshake failed: the client offers no application protocol \(ALPN\), and this server requires one"
  serve_tls server
  trusting --alpn h2
  failed "the server chose no application protocol (ALPN)"
}

@test "--sni changes the name that the server receives, not the name that is verified" {
  serve_tls server -v
  trusting --sni other.test
  is 0 hello
  said 'connected \(TLSv1\.3, TLS_AES_128_GCM_SHA256, server name "other.test"\)'
}

@test "--insecure accepts any certificate and warns" {
  serve_tls unknown
  ask --insecure
  is 0 "weir connect: the certificate of localhost is NOT verified: this may be any server
hello"
  ask --insecure --quiet
  [ "${lines[0]}" = "weir connect: the certificate of localhost is NOT verified: this may be any server" ]
}

@test "--json has the properties of the TLS connection on both sides, and the reason of a failed handshake" {
  serve_tls server --client-ca "$made/authority.crt" --alpn weir -v --json
  trusting --cert "$made/alice.pem" --alpn weir --json
  [ "$status" -eq 0 ]
  printf '%s\n' "$output" >client.out
  ask --cert "$made/alice.pem" --alpn weir --json
  [ "$status" -eq 1 ]
  printf '%s\n' "${lines[1]}" >refused.out
  raw 'c.sendall(b"hello\n"); rest()'
  until_true grep -q malformed server.out
  kill -USR1 "$server"
  says server.out '"stats"'
  stop_server
  python3 - "$port" <<'END_OF_PYTHON'
import json, sys
def events(name): return [json.loads(line) for line in open(name)]
both = {"version": "TLSv1.3", "cipher": "TLS_AES_128_GCM_SHA256", "resumed": False, "alpn": "weir"}
first, message, closed = events("client.out")
assert first == {"event": "connected", "peer": "127.0.0.1:" + sys.argv[1], "tls": both | {"peer": "CN=server"}}, first
assert message["text"] == "hello" and closed["close_reason"] == "closed", (message, closed)
refused, = events("refused.out")
assert refused == {"event": "closed", "close_reason": "untrusted", "sent": 0, "received": 0, "reason": "tls handshake with 127.0.0.1:"
    + sys.argv[1] + ": the certificate for localhost, 127.0.0.1 is issued by CN=authority, which is not trusted here"}, refused
here = events("server.out")
assert here[0]["event"] == "certificate" and here[0]["subject"] == "CN=server" and here[0]["pin"].startswith("sha256:"), here[0]
assert here[1]["event"] == "listening", here[1]
opened, = [e for e in here if e["event"] == "opened"]
assert opened["tls"] == both | {"peer": "CN=alice", "server_name": "localhost"}, opened
unknown, plain = [e for e in here if e["event"] == "handshake_failed"]
assert unknown["close_reason"] == "not_permitted" and plain["close_reason"] == "malformed", (unknown, plain)
assert plain["reason"] == 'the peer does not speak TLS: this looks like plain text ("hello\\n")', plain
stats, = [e for e in here if e["event"] == "stats"]
assert stats["accepted"] == 1 and stats["handshaking"] == 0 and stats["handshakes_failed"] == 2, stats
assert here[-1] == {"event": "summary", "connections": 1, "messages": 1, "failed": 0, "aborted": 0, "refused": 0,
    "handshakes_failed": 2, "dropped": 0, "left_out": 0}, here[-1]
END_OF_PYTHON
  grep -qx "weir serve: served 1 connection, 1 message; 2 handshakes failed" server.err
}

@test "--json has an event for the certificate that was made in memory" {
  start_server 127.0.0.1:0 -f lines --tls --json
  python3 -c '
import json
e = json.loads(open("server.out").readline())
assert e["event"] == "certificate" and e["made_for"][:3] == ["localhost", "127.0.0.1", "::1"], e
assert e["pin"] in open("server.err").read() and e["subject"] == "CN=localhost", e'
}

@test "SIGHUP reads certificate and key again; if they cannot be used, the old ones stay in use" {
  cp "$made/server.crt" own.crt
  cp "$made/server.key" own.key
  start_server 127.0.0.1:0 -f lines --tls --cert own.crt --key own.key --json
  shown() { openssl s_client -connect "$address" </dev/null 2>/dev/null | openssl x509 -noout -subject; }
  trusting
  is 0 hello
  [ "$(shown)" = "subject=CN = server" ]
  cp "$made/later.crt" own.crt
  kill -HUP "$server"
  says server.err "^weir serve: read own\.key: the key does not belong to the certificate for localhost, 127\.0\.0\.1; the certificate of the key must be the first one in its file: new connections still use the old certificate$"
  [ "$(shown)" = "subject=CN = server" ]
  cp "$made/later.key" own.key
  kill -HUP "$server"
  says server.err "^weir serve: new connections use the certificate of CN=later \(sha256:[A-Za-z0-9+/]{43}=\)$"
  [ "$(shown)" = "subject=CN = later" ]
  cp "$made/expired.crt" own.crt
  cp "$made/expired.key" own.key
  kill -HUP "$server"
  says server.err "^weir serve: set up tls: the certificate for localhost, 127\.0\.0\.1 expired on 2020-02-01 00:00:00 UTC: new connections still use the old certificate$"
  rm own.crt
  kill -HUP "$server"
  says server.err "^weir serve: read own\.crt: there is no such file: new connections still use the old certificate$"
  [ "$(shown)" = "subject=CN = later" ]
  trusting
  is 0 hello
  stop_server
  [ "$code" -eq 0 ]
  python3 -c '
import json
told = [e for e in map(json.loads, open("server.out")) if e["event"] in ("reloaded", "reload_failed")]
assert [e["event"] for e in told] == ["reload_failed", "reloaded", "reload_failed", "reload_failed"], told
assert told[1]["subject"] == "CN=later" and told[1]["pin"].startswith("sha256:"), told
assert told[3] == {"event": "reload_failed", "reason": "read own.crt: there is no such file"}, told'
}

@test "SIGHUP changes neither a certificate made in memory nor an open connection" {
  start_server 127.0.0.1:0 -f lines --tls --threads 2
  local pin
  pin=$(sed -nE 's/.* --pin (sha256:.*)$/\1/p' server.err)
  start_client -f lines --tls --pin "$pin"
  echo one >&8
  says client.out one
  kill -HUP "$server"
  until_true grep -qxF "weir serve: new connections use the certificate of CN=localhost ($pin)" server.err
  echo two >&8
  says client.out two
  ask --pin "$pin"
  is 0 hello
  exec 8>&-
  end_of "$client"
  [ "$code" -eq 0 ]
}

@test "SIGHUP reads the authorities of clients again" {
  cp "$made/stranger.crt" clients.crt
  serve_tls server --client-ca clients.crt
  trusting --cert "$made/mallory.pem"
  is 0 hello
  cp "$made/authority.crt" clients.crt
  kill -HUP "$server"
  says server.err "^weir serve: new connections use the certificate of CN=server"
  trusting --cert "$made/alice.pem"
  is 0 hello
  trusting --cert "$made/mallory.pem"
  [ "$status" -eq 1 ]
  echo none >clients.crt
  kill -HUP "$server"
  says server.err "^weir serve: read clients\.crt: there is no certificate in it \(-----BEGIN CERTIFICATE-----\): new connections still use the old certificate$"
  trusting --cert "$made/alice.pem"
  is 0 hello
}

@test "an unfinished handshake does not delay the shutdown" {
  serve_tls server --json
  python3 - "$port" 3>&- 8>&- 9>&- <<'END_OF_PYTHON' &
import socket, sys, time
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
time.sleep(60)
END_OF_PYTHON
  started+=($!)
  shaking() { kill -USR1 "$server"; grep -q '"handshaking":1' server.out; }
  until_true shaking
  stop_server
  [ "$code" -eq 0 ]
  grep -qx "weir serve: served 0 connections, 0 messages; 1 handshake failed" server.err
  run grep -c "the TLS handshake failed" server.err
  [ "$output" = 0 ]
}

@test "plain text from a peer is recognised, on both sides" {
  serve_tls server
  raw 'c.sendall(b"GET / HTTP/1.1\r\n\r\n"); rest()'
  said "the TLS handshake failed: the peer does not speak TLS: this looks like an HTTP request"
  raw 'c.sendall(b"hello\n"); rest()'
  said "the TLS handshake failed: the peer does not speak TLS: this looks like plain text \(\"hello\\\\n\"\)"
  echo hello | timeout 20 "$WEIR" connect "$address" -f len32 >out 2>err || true
  said "the TLS handshake failed: the peer does not speak TLS"
  start_peer 'c.sendall(b"220 mail.test ready\r\n"); rest()'
  trusting
  failed 'the peer does not speak TLS: this looks like plain text ("220 mail.test ready\r\n")'
  start_server 127.0.0.1:0 -f len32
  trusting
  failed "the peer closed during the handshake"
  said "a message of [0-9]+ bytes is over the limit of 1 MiB \(this looks like a TLS handshake\)"
}

@test "--timeout limits connecting and the handshake together: exit 4" {
  start_peer 'rest()'
  trusting --timeout 200ms
  is 4 "weir: handshake with 127.0.0.1:$port: timed out"
}

@test "an end without close_notify is reported as an error" {
  openssl s_server -accept 127.0.0.1:0 -cert "$made/server.crt" -key "$made/server.key" >peer.out 2>peer.err 3>&- 8>&- < <(sleep 20 3>&- 8>&-) &
  peer=$!
  started+=("$peer")
  says peer.out '^ACCEPT 127.0.0.1:[0-9]+$'
  port=$(sed -nE 's/^ACCEPT 127.0.0.1:([0-9]+)$/\1/p' peer.out)
  address=localhost:$port
  start_client -f lines --tls --ca "$made/authority.crt"
  echo one >&8
  says peer.out one
  kill -KILL "$peer"
  end_of "$client"
  [ "$code" -eq 3 ]
  grep -qx "weir connect: 127.0.0.1:$port: the connection ended without close_notify, so the peer may not be the one that ended it" client.err
}

@test "a large input is sent and returned; standard error is empty" {
  start_server 127.0.0.1:0 -f len32 --tls --cert "$made/server.pem"
  yes 0123456789abcdef | head -c 5100000 >in
  "$WEIR" connect "localhost:$port" -f len32 --tls --ca "$made/authority.crt" <in >out 2>err
  cmp in out
  [ ! -s err ]
}

@test "messages that a closed peer does not receive are also counted over TLS" {
  start_peer '
import ssl
how = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
how.load_cert_chain("'"$made"'/server.pem")
c = how.wrap_socket(c, server_side=True, suppress_ragged_eofs=False)
c.sendall(b"bye\n")
c.setblocking(False)
try: c.unwrap()
except ssl.SSLWantReadError: pass
c.close()'
  address=localhost:$port
  start_client -f lines --tls --ca "$made/authority.crt" --json
  says client.err "the peer has ended its sending side"
  printf 'a\nb\nc\n' >in
  cat in >&8  # all at once
  end_of "$client"  # the input is still open
  [ "$code" -eq 1 ]
  grep -q "^weir connect: at least 3 messages of the input could not be sent, from message 1 on: the peer has closed the connection$" client.err
}

@test "a Unix socket has no host name to verify: a pin is used instead" {
  start_server unix:x.sock -f lines --tls
  local pin
  pin=$(sed -nE 's/.* --pin (sha256:.*)$/\1/p' server.err)
  run bash -c 'echo hello | timeout 20 "$@"' - "$WEIR" connect unix:x.sock -f lines --tls --pin "$pin"
  is 0 hello
  run bash -c 'echo hello | timeout 20 "$@"' - "$WEIR" connect unix:x.sock -f lines --tls
  is 2 'weir: "unix:x.sock": a Unix address has no host name to verify: use --pin alone'
  echo hello | timeout 20 "$WEIR" connect unix:x.sock -f lines --tls --pin sha256:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA= 2>err || true
  grep -q "^weir serve: unix:x.sock: the TLS handshake failed: " server.err
}

@test "SSLKEYLOGFILE receives the secrets of both sides, and only its owner can read it" {
  SSLKEYLOGFILE=server.keys serve_tls server
  SSLKEYLOGFILE=client.keys trusting
  is 0 hello
  [ "$(stat -c %a server.keys client.keys)" = $'600\n600' ]
  grep -qE '^CLIENT_TRAFFIC_SECRET_0 [0-9a-f]{64} [0-9a-f]{64}$' client.keys
  cmp <(sort client.keys) <(sort server.keys)
  local before
  before=$(wc -l <client.keys)
  SSLKEYLOGFILE=client.keys trusting
  [ "$(wc -l <client.keys)" -eq $((2 * before)) ]  # appended
  SSLKEYLOGFILE=none/keys trusting
  is 0 'weir connect: SSLKEYLOGFILE "none/keys": No such file or directory: no secrets are written
hello'
  SSLKEYLOGFILE=none/keys serve_tls server
  grep -qx 'weir serve: SSLKEYLOGFILE "none/keys": No such file or directory: no secrets are written' server.err
}

@test "contradictory, incomplete and invalid options are usage errors" {
  wrong() {  # wrong SENTENCE WORD...
    run timeout 20 "$WEIR" "${@:2}"
    is 2 "$1"
  }
  local option
  for option in "--cert x" "--alpn h2" "--client-ca x"; do
    # shellcheck disable=SC2086 # two words
    wrong "weir serve: ${option% *} needs --tls; see weir serve --help" serve 127.0.0.1:0 -f lines $option
  done
  for option in "--ca x" "--cert x" "--alpn h2" "--sni x" "--pin x"; do
    # shellcheck disable=SC2086
    wrong "weir connect: ${option% *} needs --tls; see weir connect --help" connect 127.0.0.1:1 -f lines $option
  done
  wrong "weir connect: --insecure needs --tls; see weir connect --help" connect 127.0.0.1:1 -f lines --insecure
  wrong "weir serve: --key needs --cert; see weir serve --help" serve 127.0.0.1:0 -f lines --tls --key x
  wrong "weir serve: --key-password-file needs --cert; see weir serve --help" serve 127.0.0.1:0 -f lines --tls --key-password-file x
  wrong 'weir: --alpn "h2,,x": must be a list of names of 1 to 255 bytes, such as h2,http/1.1' serve 127.0.0.1:0 -f lines --tls --alpn h2,,x
  wrong 'weir: --alpn "h2,": must be a list of names of 1 to 255 bytes, such as h2,http/1.1' serve 127.0.0.1:0 -f lines --tls --alpn h2,
  wrong 'weir: --cert "": must be the name of a file' serve 127.0.0.1:0 -f lines --tls --cert ""
  wrong 'weir: --client-ca "": must be the name of a file' serve 127.0.0.1:0 -f lines --tls --client-ca ""
  wrong 'weir: --ca "": must be the name of a file' connect 127.0.0.1:1 -f lines --tls --ca ""
  wrong 'weir: --sni "": must be the name of a host' connect 127.0.0.1:1 -f lines --tls --sni ""
  wrong 'weir: --pin "sha256:abc": a pin is sha256: and 44 characters, as weir serve --tls prints it; commas separate several' \
    connect 127.0.0.1:1 -f lines --tls --pin sha256:abc
  wrong "weir: --insecure accepts every certificate: it contradicts --ca and --pin" connect 127.0.0.1:1 -f lines --tls --insecure --ca x
}

@test "connect ends before it connects if it cannot use a file: exit 1" {
  wrong() {  # wrong SENTENCE OPTION...
    run timeout 20 "$WEIR" connect 127.0.0.1:1 -f lines --tls "${@:2}"
    is 1 "weir: $1"
  }
  wrong "read none.crt: No such file or directory" --ca none.crt
  wrong "read none.crt: there is no such file" --cert none.crt
  wrong "use $made/late.pem: the certificate for late.test expired on 2020-02-01 00:00:00 UTC" --cert "$made/late.pem"
  wrong "read $made/locked.key: the key is encrypted, and no password was given" --cert "$made/server.crt" --key "$made/locked.key"
}
