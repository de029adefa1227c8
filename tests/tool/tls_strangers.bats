#!/usr/bin/env bats
# weir serve and weir connect against other implementations of TLS, as clients and as servers. Checks weir's messages
# with each of them, in every case with TLS 1.2 and 1.3. An implementation that is not installed is skipped. weir
# connect makes only one connection, so it cannot resume a session; the tests of the library check that.

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

needs() { command -v "$1" >/dev/null || skip "$1 is not installed"; }

# ---- other implementations as clients ----

# Starts three servers of weir, each in its own folder: a normal one, one whose certificate is for another host, and one
# that demands a certificate.
declare -gA ports
begin_servers() {
  local name
  for name in server elsewhere mutual; do
    mkdir "$name"
    cd "$name"
    case $name in
      mutual) serve_tls server -v --client-ca "$made/authority.crt" ;;
      *) serve_tls "$name" -v ;;
    esac
    ports[$name]=$port
    cd ..
  done
}

# Runs a client, sends it a line, and waits for the reply. In the case `rude` it then kills the client, so that
# close_notify is missing.
talk() {  # talk COMMAND...
  rm -f in
  mkfifo in
  exec 9<>in
  : >out
  "$@" <in >out 2>err 3>&- 8>&- 9>&- &
  local client=$!
  started+=("$client")
  echo hello >&9
  until_true replied "$client"
  [ "$how" != rude ] || kill -KILL "$client"
  exec 9>&-
  end_of "$client"
}
replied() { grep -q hello out || gone_or_zombie "$1"; }

# Each client connects to $port with TLS $version, trusts $ca, shows the certificate in $own (a file, or empty), and
# verifies localhost. $how is `once`, `rude`, or `twice`: an earlier connection gives the session that is resumed.
openssl_client() {
  local words=(-connect "127.0.0.1:$port" -servername localhost -verify_hostname localhost -verify_return_error -CAfile "$ca"
    "-tls1_${version#1.}" -quiet -no_ign_eof)
  [ -z "$own" ] || words+=(-cert "$own" -key "$own")
  if [ "$how" = twice ]; then
    talk openssl s_client "${words[@]}" -sess_out session
    words+=(-sess_in session)
  fi
  talk openssl s_client "${words[@]}"
}
gnutls_client() {
  local words=(--port "$port" --sni-hostname localhost --verify-hostname localhost --x509cafile "$ca" --logfile=log
    --priority "NORMAL:-VERS-ALL:+VERS-TLS$version")
  [ -z "$own" ] || words+=(--x509certfile "$own" --x509keyfile "$own")
  [ "$how" != twice ] || words+=(--resume)
  talk gnutls-cli "${words[@]}" 127.0.0.1
}
python_client() { talk "$python" "$BATS_TEST_DIRNAME/tls_python.py" client "$port" "$version" "$ca" "$own" "$how"; }
node_client() { talk node "$BATS_TEST_DIRNAME/tls_node.js" client "$port" "$version" "$ca" "$own" "$how"; }
# The request of curl is five lines. It treats the first reply as an HTTP/0.9 response, refuses it, and closes.
curl_client() {
  local words=(--silent --cacert "$ca" --tls-max "$version" "--tlsv$version")
  [ -z "$own" ] || words+=(--cert "$own")
  talk curl "${words[@]}" "https://localhost:$port/"
}

# Runs the client $who, and checks that the server logs the line LAST, and the line FIRST if it is not empty.
client_cell() {  # client_cell SERVER CA OWN HOW FIRST LAST
  local server=$1 ca=$made/$2.crt own=${3:+$made/$3.pem} how=$4 first=$5 last=$6 port=${ports[$1]} before
  echo "cell: $who as a client, TLS $version: $*"
  before=$(wc -l <"$server/server.err")
  "${who}_client"
  new_lines() { tail -n "+$((before + 1))" "$server/server.err"; }
  has_line() { new_lines | grep -qE "^weir serve: 127\.0\.0\.1:[0-9]+: ($1)\$"; }
  until_true has_line "$last" || { new_lines; return 1; }
  [ -z "$first" ] || has_line "$first" || { new_lines; return 1; }
}

# Clients differ in how they refuse a server: openssl names the reason in its alert, curl and Node.js check the name
# only after the handshake, and Node.js closes without an alert.
client_matrix() {  # client_matrix CLIENT
  local who=$1 version connected messages="1 message" failed="the TLS handshake failed"
  local rude="the connection ended without close_notify, so the peer may not be the one that ended it"
  local wrong_host="$failed: the client does not accept this server's certificate"
  local unknown="$failed: the client does not trust the issuer of this server's certificate"
  case $who in
    gnutls) unknown=$wrong_host ;;
    curl) messages="5 messages" wrong_host="closed after 0 messages" ;;
    node) wrong_host="$rude|$failed: the peer closed during the handshake" unknown=$wrong_host ;;
  esac
  begin_servers
  for version in 1.2 1.3; do
    connected() { echo "connected \(TLSv$version, [A-Z0-9_-]+$1, server name \"localhost\"\)"; }
    client_cell server authority "" once "$(connected)" "closed after $messages"
    client_cell elsewhere authority "" once "" "$wrong_host"
    client_cell server stranger "" once "" "$unknown"
    client_cell mutual authority alice once "$(connected ', peer "CN=alice"')" "closed after $messages"
    client_cell mutual authority "" once "" "$failed: the client shows no certificate, and one is required"
    client_cell mutual authority late once "" "$failed: the certificate for late\.test expired on 2020-02-01 00:00:00 UTC"
    client_cell mutual authority mallory once "" \
      "$failed: the certificate for mallory\.test is issued by CN=stranger, which is not trusted here"
    [ "$who" != curl ] || continue  # curl supports only `once`
    client_cell server authority "" rude "$(connected)" "$rude"
    # A session of TLS 1.2 has no server name when it is resumed.
    client_cell server authority "" twice "connected \(TLSv$version, [A-Z0-9_-]+, resumed(, server name \"localhost\")?\)" \
      "closed after $messages"
  done
}

@test "openssl s_client as a client" {
  needs openssl
  client_matrix openssl
}

@test "gnutls-cli as a client" {
  needs gnutls-cli
  client_matrix gnutls
}

# Sets $python to the interpreter itself, because a shim of pyenv takes longer than a whole case.
find_python() { python=$(python3 -c 'import sys; print(sys.executable)'); }

@test "Python as a client" {
  needs python3
  find_python
  client_matrix python
}

@test "Node.js as a client" {
  needs node
  client_matrix node
}

@test "curl as a client" {
  needs curl
  client_matrix curl
}

@test "clients of old protocols" {
  local version=1.1 ca=$made/authority.crt own='' how=once
  local old="the TLS handshake failed: the peer does not speak TLS 1\.2 or 1\.3, or not the version required here"
  serve_tls server
  needs openssl
  talk openssl s_client -connect "$address" -tls1_1 -cipher DEFAULT@SECLEVEL=0 -quiet
  said "$old"
  # A ClientHello of TLS 1.0 with one suite (RFC 2246, 7.4.1.2).
  raw '
body = b"\3\1" + bytes(range(32)) + b"\0" + b"\0\2\0\x2f" + b"\1\0"
hello = b"\1\0" + struct.pack("!H", len(body)) + body
c.sendall(b"\x16\3\1" + struct.pack("!H", len(hello)) + hello)
assert rest() == bytes.fromhex("15030100020246"), "no alert protocol_version"'
  both() { [ "$(grep -cE "^weir serve: 127\.0\.0\.1:[0-9]+: $old\$" server.err)" -eq 2 ]; }
  until_true both
  needs gnutls-cli
  talk gnutls-cli --port "$port" --insecure --priority NORMAL:-VERS-ALL:+VERS-TLS1.1 127.0.0.1
  all() { [ "$(grep -cE "^weir serve: 127\.0\.0\.1:[0-9]+: $old\$" server.err)" -eq 3 ]; }
  until_true all
}

@test "clients that speak no TLS" {
  serve_tls server
  raw 'c.sendall(bytes(range(255, 155, -1))); rest()'
  said "the TLS handshake failed: the peer does not speak TLS"
  raw 'c.sendall(b"SSH-2.0-OpenSSH_9.2\r\n"); rest()'
  said "the TLS handshake failed: the peer does not speak TLS: this looks like an SSH banner"
  raw 'c.sendall(b"EHLO mail.test\r\n"); rest()'
  said 'the TLS handshake failed: the peer does not speak TLS: this looks like plain text \("EHLO mail\.test\\r\\n"\)'
  raw 'c.sendall(b"\x16\3\1"); c.shutdown(socket.SHUT_WR); rest()'
  said "the TLS handshake failed: the peer closed during the handshake"
}

# ---- other implementations as servers ----

begin() {  # begin COMMAND...: starts a server whose standard input stays open; sets $peer
  [ -p keep ] || mkfifo keep
  exec 9<>keep
  "$@" <keep >peer.out 2>peer.err 3>&- 8>&- 9>&- &
  peer=$!
  started+=("$peer")
}

# Prints the port on which a process listens, in hexadecimal.
port_of() {  # port_of PID
  local inode
  for inode in $(find "/proc/$1/fd" -lname 'socket:*' -printf '%l\n' | tr -dc '0-9\n'); do
    awk -v inode="$inode" '$4 == "0A" && $10 == inode { print substr($2, index($2, ":") + 1) }' "/proc/$1/net/tcp"
  done | head -n 1
}
has_port() {
  port=$(port_of "$peer")
  [ -n "$port" ] && port=$((16#$port))
}

# Each server uses TLS $version and the certificate $name, and sets $port. In the case `mutual` it needs a certificate.
openssl_server() {  # sends each line back in reverse
  local words=()
  [ "$kind" != mutual ] || words=(-Verify 1 -verify_return_error -CAfile "$made/authority.crt")
  begin openssl s_server -accept 127.0.0.1:0 -rev -cert "$made/$name.crt" -key "$made/$name.key" "-tls1_${version#1.}" "${words[@]}"
  until_true has_port
}
gnutls_server() {
  local words=(--disable-client-cert)
  [ "$kind" != mutual ] || words=(--require-client-cert --verify-client-cert --x509cafile "$made/authority.crt")
  begin gnutls-serv --echo --quiet --port 0 --x509certfile "$made/$name.crt" --x509keyfile "$made/$name.key" \
    --priority "NORMAL:-VERS-ALL:+VERS-TLS$version" "${words[@]}"
  until_true has_port
}
# Python and Node.js run one server with a port for each case and version.
one_for_all() {  # one_for_all COMMAND...
  if [ ! -e peer.out ]; then
    begin "$@" server "$made"
    all_ports() { [ "$(grep -c . peer.out 2>/dev/null)" = 12 ]; }
    until_true all_ports
  fi
  port=$(sed -n "s/^$kind $version //p" peer.out)
}
python_server() { one_for_all "$python" "$BATS_TEST_DIRNAME/tls_python.py"; }
node_server() { one_for_all node "$BATS_TEST_DIRNAME/tls_node.js"; }

# Checks that weir connect exits with CODE, and that its first line is LINE, in which PORT is the server's port.
server_cell() {  # server_cell KIND CERTIFICATE OWN CODE LINE
  local kind=$1 name=$2 own=(${3:+--cert "$made/$3.pem"}) port
  echo "cell: $who as a server, TLS $version: $*"
  "${who}_server"
  trusting "${own[@]}"
  one_for_all_or_stop
  local line=${5//PORT/$port}
  [[ $status =~ ^($4)$ && ${lines[0]} =~ ^($line)$ ]] || { echo "exit $status: $output"; return 1; }
}
one_for_all_or_stop() {
  case $who in
    openssl | gnutls) kill -KILL "$peer" ;;
  esac
}

# A server that ends without close_notify after its reply.
rude_cell() {
  local kind=rude name=server port
  echo "cell: $who as a server, TLS $version: rude"
  "${who}_server"
  address=localhost:$port
  start_client -f lines --tls --ca "$made/authority.crt"
  echo hello >&8
  says client.out '^(hello|olleh)$'
  one_for_all_or_stop
  end_of "$client"
  exec 8>&-
  [ "$code" -eq 3 ]
  grep -qx "weir connect: 127.0.0.1:$port: the connection ended without close_notify, so the peer may not be the one that ended it" client.err
}

# Servers differ in how they refuse a client. With TLS 1.3 the client receives the alert after its handshake. Node.js
# closes without an alert, which may become a reset.
server_matrix() {  # server_matrix SERVER
  local who=$1 version
  local reply=hello handshake='weir: tls handshake with 127\.0\.0\.1:PORT' later='weir connect: 127\.0\.0\.1:PORT'
  local no_certificate="the server has no cipher suite, curve or signature algorithm in common with this side, or requires a client certificate"
  local mallory="the server does not trust the issuer of this client's certificate"
  case $who in
    openssl) reply=olleh ;;
    gnutls) no_certificate="the server could not read a message of the handshake, or requires a client certificate" mallory="the server denies access" ;;
  esac
  for version in 1.2 1.3; do
    server_cell valid server "" 0 "$reply"
    server_cell wrong_host elsewhere "" 1 "$handshake: the certificate is for elsewhere\.test, not localhost"
    server_cell expired expired "" 1 "$handshake: the certificate for localhost, 127\.0\.0\.1 expired on 2020-02-01 00:00:00 UTC"
    server_cell unknown unknown "" 1 "$handshake: the certificate for localhost, 127\.0\.0\.1 is issued by CN=stranger, which is not trusted here"
    server_cell mutual server alice 0 "$reply"
    if [ "$version" = 1.2 ]; then
      server_cell mutual server "" 1 "$handshake: ($no_certificate)"
      if [ "$who" = node ]; then
        server_cell mutual server mallory 1 "$handshake: (the peer closed during the handshake|connection reset by the peer)"
      else
        server_cell mutual server mallory 1 "$handshake: $mallory"
      fi
    else
      server_cell mutual server "" 1 "$later: tls: the server requires a client certificate"
      if [ "$who" = node ]; then
        server_cell mutual server mallory "1|3" "$later: (the connection ended without close_notify, .*|connection reset by the peer)"
      else
        server_cell mutual server mallory 1 "$later: tls: $mallory"
      fi
    fi
    rude_cell
  done
}

@test "openssl s_server as a server" {
  needs openssl
  server_matrix openssl
}

@test "gnutls-serv as a server" {
  needs gnutls-serv
  server_matrix gnutls
}

@test "Python as a server" {
  needs python3
  find_python
  server_matrix python
}

@test "Node.js as a server" {
  needs node
  server_matrix node
}

@test "servers of old protocols" {
  # A ServerHello of TLS 1.0 (RFC 2246, 7.4.1.3), and the alert protocol_version of a server without newer versions.
  start_peer '
body = b"\3\1" + bytes(range(32)) + b"\0" + b"\0\x2f" + b"\0"
hello = b"\2\0" + struct.pack("!H", len(body)) + body
c.sendall(b"\x16\3\1" + struct.pack("!H", len(hello)) + hello)
rest()'
  trusting
  failed "the peer does not speak TLS 1.2 or 1.3, or not the version required here"
  start_peer 'c.recv(1); c.sendall(bytes.fromhex("15030100020246")); rest()'
  trusting
  failed "the server does not support the TLS versions of this side"
  begin openssl s_server -accept 127.0.0.1:0 -cert "$made/server.crt" -key "$made/server.key" -tls1_1 -cipher DEFAULT@SECLEVEL=0
  until_true has_port
  trusting
  failed "the server does not support the TLS versions of this side"
}

@test "servers that speak no TLS" {
  start_peer 'c.sendall(bytes(range(255, 155, -1))); rest()'
  trusting
  failed "the peer does not speak TLS"
  start_peer 'c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); rest()'
  trusting
  failed "the peer does not speak TLS: this looks like an HTTP response"
  start_peer 'c.recv(1); c.sendall(b"\x16\3\3"); c.shutdown(socket.SHUT_WR); rest()'
  trusting
  failed "the peer closed during the handshake"
}
