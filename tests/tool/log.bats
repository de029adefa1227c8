#!/usr/bin/env bats
# The log of weir serve: it names the peer of each connection, and its length is limited.

setup() { load helper; }

# Python code with `come(host)`: a socket connected to $port from that local address.
clients() {
  timeout 60 python3 - "$port" "$1" 3>&- 8>&- 9>&- <<'END'
import socket, struct, sys, time
def come(host):
    c = socket.socket()
    c.settimeout(15)
    c.bind((host, 0))
    c.connect(("127.0.0.1", int(sys.argv[1])))
    return c
def reset(c):
    c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    c.close()
exec(sys.argv[2])
END
}

@test "a peer that resets before its connection is accepted is logged with its own address" {
  local backend
  for backend in epoll io_uring; do
    start_server 127.0.0.1:0 -f lines --backend "$backend" --json
    kill -STOP "$server"
    clients '
gone = [come("127.0.0.2") for _ in range(20)]
with open("gone", "w") as f: print(*sorted("127.0.0.2:%d" % c.getsockname()[1] for c in gone), sep="\n", file=f)
for c in gone: reset(c)'
    kill -CONT "$server"
    all_told() { [ "$(grep -c '"closed"' server.out)" -eq 20 ]; }
    until_true all_told
    sed -nE 's/^.*"closed".*"peer":"([^"]*)".*$/\1/p' server.out | sort >told
    cmp gone told
    all_said() { [ "$(grep -c "^weir serve: 127.0.0.2:.*: connection reset by the peer$" server.err)" -eq 20 ]; }
    until_true all_said
  done
}

@test "a flood of bad clients does not flood the log: left-out lines are counted" {
  start_server 127.0.0.1:0 -f lines --json -v --max-per-source none
  local before
  before=$(find "/proc/$server/fd" -mindepth 1 | wc -l)
  clients '
began = time.monotonic()
for _ in range(1500):
    c = come("127.0.0.1")
    c.sendall(b"torn")
    c.close()
with open("took", "w") as f: print(time.monotonic() - began, file=f)'
  all_gone() { [ "$(find "/proc/$server/fd" -mindepth 1 | wc -l)" -eq "$before" ]; }
  until_true all_gone
  stop_server
  [ "$code" -eq 0 ]
  python3 - <<'END'
import json, re
most = float(open("took").read()) + 3  # seconds
lines = open("server.err").read()
for kind, pattern in (("truncated", ": the stream ended after 4 bytes of a message"), ("opened", ": connected$")):
    said = len(re.findall(pattern, lines, re.M))
    left_out = sum(int(n) for n in re.findall(r'^weir serve: left out (\d+) more lines? \(%s\): the limit is 100 per second$' % kind, lines, re.M))
    assert said + left_out == 1500 and said <= 100 * most, (kind, said, left_out, lines[:500])
events = [json.loads(line) for line in open("server.out")]
summary = events[-1]
for kind, name in (("truncated", "closed"), ("opened", "opened")):
    said = sum(e["event"] == name for e in events)
    left_out = sum(e["events"] for e in events if e["event"] == "left_out" and e["kind"] == kind)
    assert said + left_out == 1500 and said <= 1000 * most, (kind, said, left_out)
assert summary["left_out"] == sum(e["events"] for e in events if e["event"] == "left_out"), summary
assert summary["connections"] == 1500 and summary["failed"] == 1500, summary
END
}
