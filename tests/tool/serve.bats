#!/usr/bin/env bats
# weir serve: peers of other protocols, limits, events.

setup() { load helper; }

echoes() {  # echoes WORD FRAMING: checks that the server still answers
  [ "$(printf '%s\n' "$1" | timeout 20 "$WEIR" connect "$address" -f "$2")" = "$1" ]
}

@test "an HTTP request to a len32 server is recognised, its connection is closed, and others are served" {
  start_server 127.0.0.1:0 -f len32
  raw '
c.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
assert rest() == b""'
  says server.err "^weir serve: 127.0.0.1:[0-9]+: a message of 1195725856 bytes is over the limit of 1 MiB \(this looks like an HTTP request\)$"
  echoes hello len32
}

@test "messages before a broken frame are answered" {
  start_server 127.0.0.1:0 -f len32
  raw '
c.sendall(b"\0\0\0\1a" + b"\xff" * 5000)
assert rest() == b"\0\0\0\1a"'
}

@test "a length of 2^31 is refused before anything is allocated" {
  start_server 127.0.0.1:0 -f len32
  echoes warm len32
  peak() { awk '/^VmHWM/ { print $2 }' "/proc/$server/status"; }
  local before
  before=$(peak)
  for _ in 1 2 3 4 5 6 7 8; do
    raw 'c.sendall(struct.pack("!I", 1 << 31) + b"x" * 1000); assert rest() == b""'
  done
  [ "$(grep -c "a message of 2 GiB is over the limit of 1 MiB" server.err)" -eq 8 ]
  [ "$(($(peak) - before))" -lt 4096 ]  # KiB
}

@test "an announced message that does not arrive needs no memory" {
  start_server 127.0.0.1:0 -f len32,max=1GiB --held 2GiB
  echoes warm len32
  local before after
  before=$(awk '/^VmHWM/ { print $2 }' "/proc/$server/status")
  raw 'c.sendall(struct.pack("!I", 1 << 29) + b"x" * 1000); c.shutdown(socket.SHUT_WR); assert rest() == b""'
  after=$(awk '/^VmHWM/ { print $2 }' "/proc/$server/status")
  [ "$((after - before))" -lt 4096 ]
  says server.err "the stream ended after 1004 bytes of a frame of"
}

@test "a reset is logged in one line, and other connections are served" {
  start_server 127.0.0.1:0 -f lines -v
  raw '
c.sendall(b"a\n")
exactly(2)
c.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
c.close()'
  says server.err "^weir serve: 127.0.0.1:[0-9]+: connection reset by the peer$"
  echoes hello lines
}

@test "a connection that sends nothing is closed after --idle" {
  start_server 127.0.0.1:0 -f lines --idle 100ms
  raw 'c.sendall(b"a\n"); assert rest() == b"a\n"'
  says server.err ": timed out: no whole message arrived for 100ms$"
  echoes hello lines
}

@test "a connection whose peer reads nothing is closed after --stall" {
  start_server 127.0.0.1:0 -f lines --stall 100ms
  raw '
c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
try:
    while True: c.sendall(b"x" * 65535 + b"\n")
except (ConnectionError, TimeoutError): pass'
  says server.err ": timed out: the peer took no reply for 100ms$"
  echoes hello lines
}

@test "with --idle none an idle connection stays open" {
  start_server 127.0.0.1:0 -f lines --idle none
  start_client -f lines
  printf 'a\n' >&8
  says client.out a
  kill -0 "$client"
}

@test "at --max-connections accepting pauses until a connection ends; this is logged at most once a second" {
  start_server 127.0.0.1:0 -f lines --max-connections 2
  raw '
a, b = c, socket.create_connection(c.getpeername(), 15)
for one in (a, b):
    one.sendall(b"x\n")
    assert one.recv(10) == b"x\n"
where = c.getpeername()
third = socket.create_connection(where, 15)
third.sendall(b"y\n")
third.settimeout(0.3)
try:
    third.recv(10)
    raise SystemExit("the third was served")
except TimeoutError: pass
a.close()
third.settimeout(15)
assert third.recv(10) == b"y\n"
fourth = socket.create_connection(where, 15)
fourth.sendall(b"z\n")
b.close()
fourth.settimeout(15)
assert fourth.recv(10) == b"z\n"'
  stop_server
  python3 - <<'END'
import re
lines = open("server.err").read()
said = len(re.findall("^weir serve: 2 connections are open, the most that --max-connections allows: accepting pauses until one ends$", lines, re.M))
left_out = sum(int(n) for n in re.findall(r"^weir serve: left out (\d+) more lines? \(paused\): the limit is 1 per second$", lines, re.M))
assert said >= 1 and said + left_out == 3, lines
END
}

@test "without free file descriptors the server pauses, logs it, does not spin, and recovers" {
  if grep -q __ubsan_handle "$WEIR"; then skip "UndefinedBehaviorSanitizer needs descriptors itself"; fi
  printf '#!/bin/sh\nulimit -n 16\nexec "%s" "$@"\n' "$WEIR" >limited  # also the hard limit: weir raises the soft one
  chmod +x limited
  WEIR=./limited start_server 127.0.0.1:0 -f lines
  raw '
many = [socket.create_connection(c.getpeername(), 15) for _ in range(40)]
for _ in range(5): time.sleep(0.1)
for one in many: one.close()'
  says server.err "out of file descriptors"
  [ "$(grep -c "out of file descriptors" server.err)" -le 15 ]  # once a second at most
  echoes hello lines
  local ticks
  ticks=$(awk '{ print $14 + $15 }' "/proc/$server/stat")
  [ "$ticks" -lt 100 ]  # hundredths of a second
}

@test "--json: listening, opened, closed and summary, one object on each line" {
  start_server 127.0.0.1:0 -f lines -v --json
  echoes hello lines
  raw 'c.sendall(b"a\nb"); c.shutdown(socket.SHUT_WR); assert rest() == b"a\n"'
  stop_server
  python3 - "$address" <<'END'
import json, sys
events = [json.loads(line) for line in open("server.out")]
assert events[0] == {"event": "listening", "address": sys.argv[1], "framing": "lines"}, events[0]
assert [e["event"] for e in events].count("opened") == 2
first, second = [e for e in events if e["event"] == "closed"]
assert first["close_reason"] == "closed" and first["messages"] == 1 and first["connection"] == 1, first
assert second["close_reason"] == "truncated" and second["messages"] == 1 and "reason" in second, second
assert second["peer"].startswith("127.0.0.1:")
assert events[-1] == {"event": "summary", "connections": 2, "messages": 2, "failed": 1, "aborted": 0, "refused": 0, "dropped": 0, "left_out": 0}, events[-1]
END
}

@test "--json without --verbose has no opened events; the reader of the events may exit early" {
  start_server 127.0.0.1:0 -f lines --json
  echoes hello lines
  stop_server
  run grep -c opened server.out
  [ "$output" = 0 ]
  mkfifo events
  "$WEIR" serve 127.0.0.1:0 -f lines --json >events 2>server.err 3>&- </dev/null &
  server=$!
  started+=("$server")
  head -n 1 events | grep -q listening
  says server.err "listening on"
  address=$(sed -nE 's/^weir serve: listening on (.*) \(.*\)$/\1/p' server.err)
  echoes one lines
  echoes two lines
  stop_server
  [ "$code" -eq 0 ]
}

@test "--quiet prints nothing, neither about bad clients nor about the server" {
  "$WEIR" serve unix:q.sock -f len32 -q >server.out 2>server.err 3>&- &
  server=$!
  started+=("$server")
  until_true test -S q.sock
  printf 'GET / HTTP/1.1\r\n\r\n' | socat -t 5 - UNIX:q.sock,retry=50,interval=0.1 >out || true
  stop_server
  [ "$code" -eq 0 ]
  [ ! -s server.err ]
  [ ! -s server.out ]
}

@test "the path of a killed server can be used again, and a file of another program is not removed" {
  start_server unix:x.sock -f lines
  kill -KILL "$server"
  wait "$server" || true
  [ -S x.sock ]
  start_server unix:x.sock -f lines
  rm x.sock
  touch x.sock
  stop_server
  [ "$code" -eq 0 ]
  [ -e x.sock ]
}

@test "the port and the path of a killed server can be used again at once" {
  local where
  start_server 127.0.0.1:0 -f lines
  for where in "$address" unix:again.sock; do
    kill -KILL "$server"
    wait "$server" || true
    start_server "$where" -f lines
    kill -KILL "$server"
    wait "$server" || true
    start_server "$where" -f lines
  done
}

@test "clients of a path are distinguished by the number of the connection" {
  start_server unix:x.sock -f len32
  printf 'GET / HTTP/1.1\r\n\r\n' | socat -t 5 - UNIX:x.sock >out || true
  says server.err "^weir serve: unix:x.sock \(connection 1\): .*HTTP"
}

@test "an IPv4 client of a server for both families is logged with its IPv4 address" {
  start_server '*:0' -f lines -v --json
  echoes() { [ "$(echo a | "$WEIR" connect "$1:$port" -f lines)" = a ]; }
  echoes 127.0.0.1
  says server.err "^weir serve: 127.0.0.1:[0-9]+: closed after 1 message$"
  if [[ $address == "["* ]]; then
    echoes '[::1]'
    says server.err "^weir serve: \\[::1\\]:[0-9]+: closed after 1 message$"
  fi
  stop_server
  grep -q '"closed".*"peer":"127.0.0.1:' server.out
}

@test "SIGUSR1 prints a summary of the work so far, and with --json all counters" {
  start_server 127.0.0.1:0 -f lines,max=16 --json
  raw '
c.sendall(b"one\ntwo\n")
exactly(8)
os.kill('"$server"', 10)
time.sleep(0.2)
c.sendall(b"a line of more than sixteen bytes\n")
assert rest() == b""'
  says server.err "^weir serve: 1 open, 1 accepted; 2 messages \(8 bytes\) received, 2 \(8 bytes\) sent; 0 bytes held, 0 bytes queued$"
  says server.out '"event": ?"stats"'
  until_true grep -q too_large server.out
  kill -USR1 "$server"
  says server.err "^weir serve: 0 open, 1 accepted; .*; limits reached: message size 1$"
  python3 - <<'END'
import json
first, last = [one for one in map(json.loads, open("server.out")) if one["event"] == "stats"]
assert first["open"] == 1 and first["messages_received"] == first["messages_sent"] == 2, first
assert last["open"] == 0 and last["ended_too_large"] == 1 and last["limit_message_size"] == 1, last
assert last["bytes_received"] == 8 + 34 and last["bytes_sent"] == 8 and last["queued_bytes"] == 0, last
END
  stop_server TERM
}
