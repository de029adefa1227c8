# shellcheck shell=bash
# Shared by the tests of TLS: servers, and certificates that the openssl command makes once for each file of tests.
# shellcheck disable=SC2034,SC2154 # the tests read its variables; helper.bash and bats set those that it reads

made=$BATS_FILE_TMPDIR/made

new_key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }

new_authority() {  # new_authority NAME: makes NAME.crt and NAME.key
  new_key "$1"
  openssl req -x509 -new -key "$1.key" -subj "/CN=$1" -days 3650 -out "$1.crt" \
    -addext keyUsage=critical,keyCertSign
}

# Makes NAME.crt, NAME.key, and NAME.pem with both. NAMES has the form of subjectAltName.
new_certificate() {  # new_certificate NAME AUTHORITY NAMES [FROM TO]
  new_key "$1"
  openssl req -new -key "$1.key" -subj "/CN=$1" -out request
  printf 'subjectAltName=%s\n' "$3" >extension
  openssl ca -batch -notext -config authority.conf -cert "$2.crt" -keyfile "$2.key" -in request -out "$1.crt" \
    -extfile extension -startdate "${4:-20200101000000Z}" -enddate "${5:-21200101000000Z}"
  cat "$1.crt" "$1.key" >"$1.pem"
}

make_certificates() {  # for setup_file; does nothing if weir has no TLS
  [[ $("$WEIR" connect 127.0.0.1:1 -f lines --tls --sni '' 2>&1) != *"built without TLS"* ]] || return 0
  mkdir -p "$made"
  (
    cd "$made" || exit 1
    : >index
    printf '%s\n' '[ca]' 'default_ca=one' '[one]' 'database=index' 'new_certs_dir=.' 'default_md=sha256' \
      'policy=any' 'unique_subject=no' 'rand_serial=yes' '[any]' 'commonName=supplied' >authority.conf
    new_authority authority
    new_authority stranger
    new_certificate server authority DNS:localhost,IP:127.0.0.1
    new_certificate later authority DNS:localhost,IP:127.0.0.1
    new_certificate elsewhere authority DNS:elsewhere.test
    new_certificate expired authority DNS:localhost,IP:127.0.0.1 20200101000000Z 20200201000000Z
    new_certificate unknown stranger DNS:localhost,IP:127.0.0.1
    new_certificate alice authority DNS:alice.test
    new_certificate late authority DNS:late.test 20200101000000Z 20200201000000Z
    new_certificate mallory stranger DNS:mallory.test
    openssl ec -in server.key -aes128 -passout pass:secret -out locked.key
  ) >"$BATS_FILE_TMPDIR/openssl.log" 2>&1 || { cat "$BATS_FILE_TMPDIR/openssl.log"; return 1; }
}

needs_tls() { [ -e "$made" ] || skip "this weir was built without TLS"; }  # for setup

serve_tls() {  # serve_tls NAME OPTION...: starts a server with the certificate NAME
  start_server 127.0.0.1:0 -f lines --tls --cert "$made/$1.crt" --key "$made/$1.key" "${@:2}"
}

ask() {  # ask OPTION...: `run`s connect with one message, to $port of localhost
  run bash -c 'echo hello | timeout 20 "$@"' - "$WEIR" connect "localhost:$port" -f lines --tls "$@"
}
trusting() { ask --ca "$made/authority.crt" "$@"; }

failed() { is 1 "weir: tls handshake with 127.0.0.1:$port: $1"; }  # failed REASON: checks the error of ask()

# said REASON: waits until the server has logged this about a client.
said() { says server.err "^weir serve: 127\.0\.0\.1:[0-9]+: $1\$"; }
