# shellcheck shell=bash
# Shared by the tests of the command: starts and always stops servers, waits for text in a file, and runs raw peers in
# Python. $WEIR is the command.
# shellcheck disable=SC2034,SC2154 # the tests read its variables, and bats sets those that it reads

WEIR=$(realpath "${WEIR:-$BATS_TEST_DIRNAME/../../build/weir}")
export LC_ALL=C.UTF-8
unset NO_COLOR
cd "$BATS_TEST_TMPDIR" || exit 1
started=()

weir() { "$WEIR" "$@"; }

teardown() {
  exec 8>&- 9>&- || true
  local pid
  for pid in "${started[@]}"; do kill -KILL "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
  true
}

until_true() {  # until_true COMMAND...: repeats it every 20 ms until it succeeds, for at most 15 seconds
  local end=$((SECONDS + 15))
  until "$@"; do
    if ((SECONDS >= end)); then
      echo "in vain: $*"
      tail -n 20 server.err peer.err client.err 2>/dev/null
      return 1
    fi
    sleep 0.02
  done
}

says() { until_true grep -qE -- "$2" "$1"; }  # says FILE PATTERN: waits until a line of FILE matches

start_server() {  # start_server ADDRESS OPTION...: sets $server (its pid), $address and $port; server.out, server.err
  : >server.err
  "$WEIR" serve "$@" >server.out 2>server.err 3>&- 8>&- 9>&- </dev/null &
  server=$!
  started+=("$server")
  until_true listening_or_gone
  kill -0 "$server" || { cat server.err; return 1; }
  address=$(sed -nE 's/^weir serve: listening on (.*) \(.*\)$/\1/p' server.err)
  port=${address##*:}
}
listening_or_gone() { grep -q "listening on" server.err || ! kill -0 "$server" 2>/dev/null; }

end_of() {  # end_of PID: waits for the process for at most 15 seconds; sets $code to its exit code
  until_true gone_or_zombie "$1"
  code=0
  wait "$1" || code=$?
}
gone_or_zombie() { [[ ! -e /proc/$1/stat || $(sed -E 's/.*\) (.).*/\1/' "/proc/$1/stat" 2>/dev/null) == Z ]]; }

stop_server() {  # stop_server [SIGNAL]: sends the first signal to the server; sets $code to its exit code
  kill -"${1:-TERM}" "$server"
  end_of "$server"
}

start_client() {  # start_client OPTION...: its input is what is written to fd 8; sets $client; client.out, client.err
  rm -f client.in client.out client.err
  mkfifo client.in
  "$WEIR" connect "$address" "$@" <client.in >client.out 2>client.err 3>&- 9>&- &
  client=$!
  started+=("$client")
  exec 8>client.in
}

# A raw client: runs Python code with `c`, a socket connected to $port. `rest()` reads until the end.
raw() {
  python3 - "$port" "$1" <<'END'
import os, socket, struct, sys, time
c = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 15)
def rest():
    parts = []
    while part := c.recv(65536): parts.append(part)
    return b"".join(parts)
def exactly(n):
    got = b""
    while len(got) < n:
        part = c.recv(n - len(got))
        if not part: break
        got += part
    return got
exec(sys.argv[2])
END
}

# A raw server for one connection: Python code with `c`, the accepted socket. Sets $port and $address.
start_peer() {
  : >peer.port
  python3 - "$1" >peer.out 2>peer.err 3>&- 8>&- 9>&- <<'END' &
import os, socket, struct, sys, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
with open("peer.tmp", "w") as f: f.write(str(s.getsockname()[1]))
os.rename("peer.tmp", "peer.port")
c, _ = s.accept()
c.settimeout(15)
def reset():
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
def rest():
    parts = []
    while part := c.recv(65536): parts.append(part)
    return b"".join(parts)
exec(sys.argv[1])
END
  peer=$!
  started+=("$peer")
  until_true test -s peer.port
  port=$(cat peer.port)
  address=127.0.0.1:$port
}

is() {  # is CODE TEXT: checks the exit code and the output of `run`
  if [ "$status" -ne "$1" ] || [ "$output" != "$2" ]; then
    echo "exit $status: $output"
    return 1
  fi
}
