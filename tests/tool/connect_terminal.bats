#!/usr/bin/env bats
# weir connect on a terminal: a peer cannot control the terminal, and a person at the keyboard need not wait.

setup() { load helper; }

# Runs Python code with `on_terminal(sent, *options)`: a peer sends these bytes and ends its side. The terminal is the
# command's standard input, output and error. The function returns the output on the terminal, and the exit code.
# `run(*words)` does the same for any arguments.
terminal() {
  timeout 60 python3 - "$WEIR" "$1" 3>&- <<'END'
import os, pty, socket, sys
def run(*words, then=lambda: None):
    pid, fd = pty.fork()
    if pid == 0:
        os.environ["NO_COLOR"] = "1"
        os.execv(sys.argv[1], ["weir", *words])
    then()
    shown = b""
    try:
        while part := os.read(fd, 65536): shown += part
    except OSError: pass
    return shown.replace(b"\r\n", b"\n"), os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
def on_terminal(sent, *options):
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    def serve():
        global c
        c, _ = s.accept()
        c.sendall(sent)
        c.shutdown(socket.SHUT_WR)
    return run("connect", f"127.0.0.1:{s.getsockname()[1]}", *options, then=serve)
def framed(payload): return len(payload).to_bytes(4, "big") + payload
ended = b"weir connect: the peer has closed the connection\n"
exec(sys.argv[2])
END
}

@test "control characters of a peer are escaped on a terminal, except with --raw" {
  terminal '
evil = b"\x1b]0;owned\x07 \x7f \r\b \xc2\x9b31m \x9b \xff"
shown = b"\\x1b]0;owned\\x07 \\x7f \\x0d\\x08 \\xc2\\x9b31m \\x9b \\xff"
got = on_terminal(framed(evil), "-f", "len32")
assert got == (shown + b"\n" + ended, 0), got
got = on_terminal(framed(evil), "-f", "len32", "--out", "netstring")
assert got == (b"%d:" % len(evil) + shown + b"," + ended, 0), got
got = on_terminal(framed(evil), "-f", "len32", "--raw")
assert got == (evil + b"\n" + ended, 0), got
'
}

@test "letters of every alphabet, tabs and line ends are unchanged on a terminal, however the bytes are split" {
  terminal '
for text in ("a\tb", "é" * 40001, "x" + "漢" * 20001, "🙂" * 9000):
    got, code = on_terminal(framed(text.encode()), "-f", "len32")
    assert got == text.encode() + b"\n" + ended and code == 0, got[-200:]
got, code = on_terminal(b"a\n", "-f", "lines", "--out", "lines:crlf")
assert got.replace(b"\r", b"") == b"a\n" + ended, got
'
}

@test "JSON and hex on a terminal contain no control character" {
  terminal '
evil = b"\x1b]0;owned\x07\xc2\x9b31m"
got, code = on_terminal(framed(evil), "-f", "len32", "--json")
assert b"\x1b" not in got and b"\xc2" not in got and b"\\u001b]0;owned\\u0007\\u009b31m" in got, got
got, code = on_terminal(framed(evil), "-f", "len32", "--out", "hex")
assert got == evil.hex().encode() + b"\n" + ended, got
'
}

@test "in a pipe each byte of a reply is as the peer sent it" {
  start_peer 'c.sendall(b"\x1b]0;owned\x07\xc2\x9b31m\xff\n"); c.close()'
  run bash -c '"$1" connect "$2" -f lines </dev/null 2>err | xxd -p' - "$WEIR" "$address"
  is 0 1b5d303b6f776e656407c29b33316dff0a
}

@test "when the connection ends, the command ends without waiting for input" {
  terminal '
got = on_terminal(b"bye\n", "-f", "lines")
assert got == (b"bye\n" + ended, 0), got
'
}

@test "messages on standard error contain no control character on a terminal" {
  terminal '
got, code = run("connect", "unix:no\x1b]0;owned\x07where", "-f", "lines")
assert code == 1 and b"owned" in got and b"\x1b" not in got and b"\x07" not in got, got
'
}
