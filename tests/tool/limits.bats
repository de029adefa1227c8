#!/usr/bin/env bats
# weir serve and greedy clients: the limits on connections of one address, on times and on memory, and the log lines
# about them, whose rate is limited.

setup() { load helper; }

# Python code with `come(host)`: a socket connected to $port from a local address; `served(c)`: whether it is answered.
clients() {
  timeout 60 python3 - "$port" "$1" 3>&- 8>&- 9>&- <<'END'
import select, socket, sys
def come(host):
    c = socket.socket()
    c.settimeout(15)
    c.bind((host, 0))
    c.connect_ex(("127.0.0.1", int(sys.argv[1])))  # a refused connection may already be reset here
    return c
def served(c):
    try:
        c.sendall(b"a\n")
        return c.recv(10) == b"a\n"
    except ConnectionError: return False
exec(sys.argv[2])
END
}

@test "one address may have a tenth of the connections; its further ones are refused, and other addresses are served" {
  local threads
  for threads in 1 4; do
    start_server 127.0.0.1:0 -f lines --max-connections 100 --threads "$threads" --json
    clients '
greedy = [come("127.0.0.2") for _ in range(30)]
assert sum(served(c) for c in greedy) == 10
others = [come("127.0.0.%d" % host) for host in range(3, 8)]
assert all(served(c) for c in others)
assert all(served(c) for c in others)'
    says server.err '^weir serve: 127.0.0.2:[0-9]+: refused: its address has 10 connections, the most that --max-per-source allows$'
    stop_server
    [ "$code" -eq 0 ]
    grep -q "; 20 connections refused" server.err
    python3 - <<'END'
import json, re
events = [json.loads(line) for line in open("server.out")]
refused = [e for e in events if e["event"] == "refused"]
assert len(refused) == 20 and all(e["peer"].startswith("127.0.0.2:") and "10 connections" in e["reason"] for e in refused), refused
assert events[-1]["refused"] == 20 and events[-1]["connections"] == 15, events[-1]
lines = open("server.err").read()
said = len(re.findall(": refused: ", lines))
left_out = sum(int(n) for n in re.findall(r'left out (\d+) more lines? \(refused\): the limit is 1 per second', lines))
assert said + left_out == 20, lines
END
  done
}

@test "--max-per-source is a number of connections, or none; the default is at least eight" {
  local expected options
  for options in "8 --max-connections 20" "3 --max-per-source 3" "20 --max-connections 20 --max-per-source none"; do
    read -r expected options <<<"$options"
    # shellcheck disable=SC2086 # words
    start_server 127.0.0.1:0 -f lines $options
    clients "
held = [come('127.0.0.2') for _ in range(20)]
assert sum(served(c) for c in held) == $expected"
  done
}

@test "silent connections are closed after --first-message, slow messages after --whole-message" {
  start_server 127.0.0.1:0 -f lines --first-message 100ms
  clients 'assert come("127.0.0.1").recv(1) == b""'
  says server.err "^weir serve: 127.0.0.1:[0-9]+: timed out: no first message arrived within 100ms$"
  start_server 127.0.0.1:0 -f lines --whole-message 100ms --first-message none
  clients '
c = come("127.0.0.1")
assert served(c)
c.sendall(b"torn")
assert c.recv(1) == b""'
  says server.err "^weir serve: 127.0.0.1:[0-9]+: timed out: .*100ms$"
}

@test "--held limits the total memory of all partial messages" {
  local held
  for held in 128MiB none; do
    start_server 127.0.0.1:0 -f len32,max=64MiB --held "$held" --threads 1
    clients '
begun = (40 << 20).to_bytes(4, "big") + b"x" * ((40 << 20) - 1)
waits = {}
for _ in range(4):
    c = come("127.0.0.1")
    c.setblocking(False)
    waits[c] = memoryview(begun)
kept = list(waits)
while waits:
    _, ready, _ = select.select([], list(waits), [], 0.5)
    if not ready: break
    for c in ready:
        waits[c] = waits[c][c.send(waits[c][:1 << 20]):]
        if not waits[c]: del waits[c]
taken = (160 << 20) - sum(map(len, waits.values()))
if "'$held'" == "none": assert taken > 159 << 20, taken
else: assert taken < 100 << 20, taken'
  done
}
