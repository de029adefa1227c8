#!/usr/bin/env bats
# weir serve while its output is not read: it continues to serve, drops and counts lines that do not fit, and can end.

setup() { load helper; }

# Runs Python code with `serve(where, *options)`, which starts a server on x.sock. Its standard output or error ("out",
# "err") is a small pipe, `unread`, that is not read; the other one is the file `other`. `clients(n, what, reply)`: each
# client sends and half-closes, and has a long name.
unread() {
  timeout 60 python3 - "$WEIR" "$1" 3>&- <<'END'
import fcntl, json, os, signal, socket, subprocess, sys, time
unread, write_end = os.pipe()
fcntl.fcntl(write_end, fcntl.F_SETPIPE_SZ, 4096)
def serve(where, *options):
    other = open("other", "wb")
    p = subprocess.Popen([sys.argv[1], "serve", "unix:x.sock", *options], stdin=subprocess.DEVNULL,
        stdout=write_end if where == "out" else other, stderr=write_end if where == "err" else other)
    os.close(write_end)
    end = time.monotonic() + 15
    while not os.path.exists("x.sock"): assert time.monotonic() < end and p.poll() is None, open("other").read()
    return p
def client(name):
    c = socket.socket(socket.AF_UNIX)
    c.settimeout(15)
    c.bind(b"\0weir %d %d" % (os.getpid(), name) + b"\1" * 80)
    end = time.monotonic() + 15
    while c.connect_ex("x.sock") != 0: assert time.monotonic() < end  # the file exists before the server listens
    return c
def clients(n, what, reply):
    for i in range(n):
        with client(i) as c:
            c.sendall(what)
            c.shutdown(socket.SHUT_WR)
            got = b""
            while part := c.recv(65536): got += part
            assert got == reply, got
def threads(): return len(os.listdir(f"/proc/{server.pid}/task"))
def fill():  # fills the pipe
    os.set_blocking(write_end, False)
    try:
        while True: os.write(write_end, b"." * 1024)
    except BlockingIOError: os.set_blocking(write_end, True)
server = None
try: exec(sys.argv[2])
finally:
    if server: server.kill()
END
}

@test "unread events stop neither the server nor its shutdown" {
  unread '
server = serve("out", "-f", "lines", "--json", "-q", "--drain", "500ms", "--max-connections", "4")
clients(200, b"a\n", b"a\n")
end = time.monotonic() + 15
while threads() > 4: assert time.monotonic() < end, threads()
server.send_signal(signal.SIGINT)
server.wait(timeout=15)
said = open("other").read()
assert server.returncode == 1, server.returncode
assert said.startswith("weir serve: standard output is not read: ") and said.count("\n") == 1, said
whole = os.read(unread, 1 << 20)
assert whole.endswith(b"}\n") and os.read(unread, 1) == b"", whole
for line in whole.splitlines(): json.loads(line)
'
}

@test "events that do not fit are dropped and counted, in an event and in the summary; the others keep their order" {
  unread '
server = serve("out", "-f", "lines", "--json", "-v")
for _ in range(20):  # three kinds; at most a thousand events of each kind are written in a second
    clients(100, b"a\n", b"a\n")
    clients(100, b"a\nb", b"a\n")
server.send_signal(signal.SIGTERM)
got = b""
while part := os.read(unread, 65536): got += part
server.wait(timeout=15)
said = open("other").read()
assert server.returncode == 0, said
events = [json.loads(line) for line in got.splitlines()]
summary = events[-1]
gaps = [e["events"] for e in events if e["event"] == "dropped"]
assert len(gaps) == 1 and summary["dropped"] == gaps[0] > 0, (gaps, summary)
left_out = [e["events"] for e in events if e["event"] == "left_out"]
assert summary["left_out"] == sum(left_out), (summary, left_out)
assert len(events) == 2 + 1 + len(left_out) + 2 * summary["connections"] - gaps[0] - sum(left_out), len(events)
assert f"; {gaps[0]} events dropped, because standard output was not read; " in said, said[-500:]
place = {(e["event"], e["connection"]): i for i, e in enumerate(events) if "connection" in e}
assert all(place.get(("opened", n), -1) < i for (what, n), i in place.items() if what == "closed")
'
}

@test "unread log lines stop neither the server nor its shutdown" {
  unread '
server = serve("err", "-f", "lines", "-v", "--drain", "500ms", "--max-connections", "4")
clients(200, b"a\n", b"a\n")
stays = client(1000)
stays.sendall(b"b\n")
assert stays.recv(10) == b"b\n"
server.send_signal(signal.SIGTERM)
stays.close()
server.wait(timeout=15)
assert server.returncode == 0, server.returncode
'
}

@test "unread standard error does not delay the shutdown, with any drain time" {
  local drain
  for drain in 10s none; do
    rm -f x.sock
    unread '
fill()
server = serve("err", "-f", "lines", "--drain", "'$drain'")
clients(1, b"a\n", b"a\n")  # a server that answers also handles signals
began = time.monotonic()
server.send_signal(signal.SIGTERM)
server.wait(timeout=15)
assert server.returncode == 0 and time.monotonic() - began < 6, (server.returncode, time.monotonic() - began)
'
  done
}

@test "unread events do not delay the shutdown, even with --drain none" {
  unread '
fill()
server = serve("out", "-f", "lines", "--json", "--drain", "none")
clients(1, b"a\n", b"a\n")  # a server that answers also handles signals
server.send_signal(signal.SIGTERM)
server.wait(timeout=15)
assert server.returncode == 1, server.returncode
'
}

@test "log lines that could not be written within a second are dropped, counted and reported; later ones are written" {
  unread '
fill()
server = serve("err", "-f", "lines", "-v")
clients(5, b"a\n", b"a\n")
time.sleep(2)  # twice the tested time
got = b""
while b"dropped here" not in got: got += os.read(unread, 65536)
clients(1, b"a\n", b"a\n")
while b"closed after" not in got: got += os.read(unread, 65536)
server.send_signal(signal.SIGTERM)
while part := os.read(unread, 65536): got += part
server.wait(timeout=15)
lines = got.lstrip(b".").decode().splitlines()
assert lines[0] == "weir serve: 11 lines dropped here: standard error was not read", lines
assert [line.split(": ")[-1] for line in lines[1:]] == ["connected", "closed after 1 message", "served 6 connections, 6 messages"], lines
'
}

@test "events that cannot be written are reported: exit 1" {
  "$WEIR" serve unix:x.sock -f lines --json -q >/dev/full 2>server.err 3>&- </dev/null &
  server=$!
  started+=("$server")
  says server.err "^weir serve: standard output: No space left on device: no further events are written$"
  until_true test -S x.sock
  stop_server
  [ "$code" -eq 1 ]
}
