#!/usr/bin/env bats
# The first signal ends the command gracefully, the second terminates it at once.

setup() { load helper; }

@test "SIGTERM during a dialogue: the server drains, exits with 0, and prints a summary" {
  start_server 127.0.0.1:0 -f lines
  start_client -f lines
  printf 'a\nb\n' >&8
  says client.out '^b$'
  stop_server TERM
  [ "$code" -eq 0 ]
  grep -q "^weir serve: no longer accepting; 1 connection may continue for at most 10s" server.err
  grep -q "^weir serve: served 1 connection, 2 messages$" server.err
  exec 8>&-  # otherwise the client waits for further input
  end_of "$client"
  [ "$code" -eq 0 ]
}

@test "SIGINT does the same" {
  start_server 127.0.0.1:0 -f lines
  stop_server INT
  [ "$code" -eq 0 ]
  grep -q "^weir serve: served 0 connections, 0 messages$" server.err
}

# Starts a client that sends and never reads, until the server stalls: the client could send nothing for half a second.
stuck() {  # stuck ADDRESS: a port or a path
  python3 - "$1" 3>&- 8>&- <<'END' &
import socket, sys, time
where = sys.argv[1]
c = socket.socket(socket.AF_INET if where.isdigit() else socket.AF_UNIX)
c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
c.connect(("127.0.0.1", int(where)) if where.isdigit() else where)
c.setblocking(False)
block = (b"x" * 1023 + b"\n") * 64
moved = time.monotonic()
place = 0
while time.monotonic() < moved + 0.5:
    try:
        place = (place + c.send(block[place:])) % len(block)
        moved = time.monotonic()
    except BlockingIOError: time.sleep(0.01)
open("stuck", "w").close()
time.sleep(60)
END
  started+=($!)
  until_true test -e stuck
}

@test "a connection that does not end is aborted after the drain time: exit 143 or 130" {
  local signal
  for signal in TERM:143 INT:130; do
    start_server 127.0.0.1:0 -f lines --drain 200ms
    stuck "$port"
    stop_server "${signal%:*}"
    [ "$code" -eq "${signal#*:}" ]
    grep -q "1 aborted" server.err
    rm stuck
  done
}

@test "the second signal terminates the server at once" {
  start_server unix:x.sock -f lines --drain none
  stuck x.sock
  kill -TERM "$server"
  says server.err "no longer accepting; 1 connection may continue without a time limit"
  [ ! -e x.sock ]  # so that a new server can use the path
  stop_server INT
  [ "$code" -eq 130 ]
}

@test "connect: the first SIGINT half-closes and prints a summary, exit 130; SIGTERM: exit 143" {
  local signal
  for signal in INT:130 TERM:143; do
    start_server 127.0.0.1:0 -f lines
    start_client -f lines
    printf 'a\n' >&8
    says client.out a
    kill -"${signal%:*}" "$client"
    end_of "$client"
    [ "$code" -eq "${signal#*:}" ]
    says client.err "^weir connect: sent 1 message, received 1$"
    stop_server
    [ "$code" -eq 0 ]
    exec 8>&-
  done
}

@test "connect: the second signal terminates it, whatever the peer does" {
  start_peer 'c.sendall(b"hello\n"); time.sleep(60)'
  start_client -f lines --linger 1h
  says client.out hello
  kill -INT "$client"
  says client.err "sending has stopped"
  kill -TERM "$client"
  end_of "$client"
  [ "$code" -eq 143 ]
}

@test "connect: after a signal the connection to a peer that does not end is aborted" {
  start_peer 'c.sendall(b"hello\n"); time.sleep(60)'
  start_client -f lines --linger 100ms
  says client.out hello
  kill -TERM "$client"
  end_of "$client"
  [ "$code" -eq 143 ]
}

@test "the second signal terminates the process, and the parent's wait status shows the signal" {
  python3 - "$WEIR" 3>&- <<'END'
import signal, socket, subprocess, sys
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()
for second in (signal.SIGINT, signal.SIGTERM):
    p = subprocess.Popen([sys.argv[1], "connect", "127.0.0.1:%d" % s.getsockname()[1], "-f", "lines", "--linger", "1h"],
                         stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    c, _ = s.accept()
    c.sendall(b"hello\n")
    assert p.stdout.readline() == b"hello\n"
    p.send_signal(signal.SIGINT)
    assert b"sending has stopped" in p.stderr.readline()
    p.send_signal(second)
    assert p.wait(15) == -second, p.returncode
END
}
