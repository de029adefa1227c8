#!/usr/bin/env bats
# weir serve runs on event loops: connections need no threads, and --threads runs several loops for one address.

setup() { load helper; }

threads_of() { find "/proc/$1/task" -mindepth 1 -maxdepth 1 | wc -l; }

# Python code with `many(n)`: sockets connected to $port; `dialogue`: a message and its reply; `ended`: awaits the end.
clients() {
  timeout 60 python3 - "$port" "$1" 3>&- 8>&- 9>&- <<'END'
import os, resource, socket, sys, time
resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
def many(n): return [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 15) for _ in range(n)]
def exactly(c, n):
    got = b""
    while len(got) < n:
        part = c.recv(n - len(got))
        if not part: break
        got += part
    return got
def dialogue(c, what):
    c.sendall(what)
    assert exactly(c, len(what)) == what
def ended(c): return c.recv(1) == b""
exec(sys.argv[2])
END
}

@test "one loop serves a thousand idle connections and a busy one" {
  local usual
  usual=$(ulimit -S -n)
  ulimit -S -n 200  # the server raises the soft limit to the hard one
  start_server 127.0.0.1:0 -f len32 --max-connections 2000 --max-per-source none --first-message none
  ulimit -S -n "$usual"
  local before
  before=$(threads_of "$server")
  [ "$before" -le 2 ]  # the loop, and the thread that writes the log
  clients '
idle = many(1000)
busy = many(1)[0]
message = (5000).to_bytes(4, "big") + b"x" * 5000
for _ in range(200): dialogue(busy, message)
for one in idle[::100]: dialogue(one, b"\0\0\0\1a")
busy.sendall(message * 100)
assert exactly(busy, len(message) * 100) == message * 100
with open("served", "w") as f: f.write(str(len(os.listdir("/proc/'"$server"'/task"))))'
  [ "$(cat served)" = "$before" ]
  stop_server
  [ "$code" -eq 0 ]
  grep -q "^weir serve: served 1001 connections, 310 messages$" server.err
}

@test "weir connect has a loop and a thread that reads; while its output is not read, also a thread that writes" {
  # One more is possible: the next read may start a new thread while the last one still reports its result.
  threads_are() { local now; now=$(threads_of "$1") && [ "$now" -ge "$2" ] && [ "$now" -le $(($2 + 1)) ]; }
  start_server 127.0.0.1:0 -f lines
  start_client -f lines
  printf 'a\n' >&8
  says client.out a
  threads_are "$client" 2
  exec 8>&-
  end_of "$client"
  [ "$code" -eq 0 ]
  mkfifo unread
  "$WEIR" connect "$address" -f lines --linger 1h < <(yes) >unread 2>client.err 3>&- &
  client=$!
  started+=("$client")
  exec 9<unread
  until_true threads_are "$client" 3
  kill -INT "$client"
  says client.err "sending has stopped"
  kill -TERM "$client"
  end_of "$client"
  [ "$code" -eq 143 ]
  exec 9<&-
}

@test "connect: a signal ends it also while its output is not read" {
  start_server 127.0.0.1:0 -f lines
  mkfifo unread
  "$WEIR" connect "$address" -f lines --linger 100ms < <(yes) >unread 2>client.err 3>&- &
  client=$!
  started+=("$client")
  exec 9<unread
  writes_nothing_more() {
    local was
    was=$(grep wchar "/proc/$client/io")
    sleep 0.1
    [ "$was" = "$(grep wchar "/proc/$client/io")" ]
  }
  until_true writes_nothing_more
  kill -INT "$client"
  end_of "$client"
  [ "$code" -eq 130 ]
  exec 9<&-
}

@test "--threads: all loops listen on one port and drain at ^C, and the summary is for all loops" {
  start_server 127.0.0.1:0 -f lines --threads 3 --json
  [ "$(threads_of "$server")" -eq 5 ]  # the loops, and the threads that write the log and the events
  [ "$(awk -v port="$(printf '%04X' "$port")" '$4 == "0A" && $2 ~ ":" port "$"' /proc/net/tcp | wc -l)" -eq 1 ]
  clients '
import threading
all = many(60)
def talk(one, i):
    for _ in range(20): dialogue(one, b"from %d\n" % i)
talking = [threading.Thread(target=talk, args=(one, i)) for i, one in enumerate(all)]
for one in talking: one.start()
for one in talking: one.join()
os.kill('"$server"', 2)
for one in all: assert ended(one)'
  end_of "$server"
  [ "$code" -eq 0 ]
  grep -q "^weir serve: no longer accepting; 60 connections may continue for at most 10s" server.err
  grep -q "^weir serve: served 60 connections, 1200 messages$" server.err
  python3 - <<'END'
import json
events = [json.loads(line) for line in open("server.out")]
closed = [e for e in events if e["event"] == "closed"]
assert sorted(e["connection"] for e in closed) == list(range(1, 61))
assert all(e["close_reason"] == "closed" and e["messages"] == 20 for e in closed), closed
assert events[-1] == {"event": "summary", "connections": 60, "messages": 1200, "failed": 0, "aborted": 0, "refused": 0, "dropped": 0, "left_out": 0}
END
}

@test "--threads: --max-connections applies to all loops together" {
  start_server 127.0.0.1:0 -f lines --threads 4 --max-connections 6
  clients '
served = many(6)
for one in served: dialogue(one, b"a\n")
waits = many(1)[0]
waits.sendall(b"b\n")
waits.settimeout(0.3)
try:
    waits.recv(10)
    raise SystemExit("the seventh was served")
except TimeoutError: pass
for one in served[1:]: dialogue(one, b"c\n")
served[0].close()
waits.settimeout(15)
assert exactly(waits, 2) == b"b\n"'
  grep -q "6 connections are open, the most that --max-connections allows" server.err
  start_server 127.0.0.1:0 -f lines --threads 4 --max-connections 1
  clients '
for _ in range(8): dialogue(many(1)[0], b"a\n")'
  stop_server
  [ "$code" -eq 0 ]
}

@test "--threads: after the drain time connections are aborted on every loop; the second signal terminates at once" {
  local end
  for end in 143 130; do
    start_server 127.0.0.1:0 -f lines --threads 3 --drain "$([ $end = 143 ] && echo 200ms || echo 1h)"
    clients '
all = many(12)
for one in all: dialogue(one, b"a\n")
for one in all: one.sendall(b"torn")
open("torn", "w").close()
while not os.path.exists("over"): time.sleep(0.02)' &
    started+=($!)
    until_true test -e torn
    kill -TERM "$server"
    says server.err "no longer accepting; 12 connections may continue"
    [ $end = 143 ] || kill -INT "$server"
    end_of "$server"
    [ "$code" -eq "$end" ]
    [ $end = 130 ] || grep -q "12 did not end cleanly, 12 aborted" server.err
    touch over
    wait "${started[-1]}"
    rm torn over
  done
}

@test "--threads must be a number from 1 to 256" {
  run "$WEIR" serve 127.0.0.1:0 -f lines --threads 0
  is 2 'weir: --threads "0": must be a number of at least 1'
  run "$WEIR" serve 127.0.0.1:0 -f lines --threads 1000
  is 2 'weir: --threads "1000": must be at most 256; more threads than processors do not help'
}
