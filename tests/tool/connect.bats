#!/usr/bin/env bats
# weir connect: its input, its output, its messages and its exit codes.

setup() { load helper; }

piped() {  # piped INPUT OPTION...: runs connect; its standard output is in `out`, its standard error in `err`
  local input=$1
  shift
  # shellcheck disable=SC2059 # the tests write escapes
  run bash -c 'printf "$1" | timeout 20 "${@:2}" >out 2>err' - "$input" "$WEIR" connect "$address" "$@"
  output=$(tr '\n' '|' <out)
}

@test "a message that the framing cannot carry is reported, exit 2; the messages before it are answered" {
  start_server 127.0.0.1:0 -f lines,max=4
  piped 'a\nbb\nccccc\nd\n' -f lines,max=4
  is 2 'a|bb|'
  [ "$(cat err)" = "weir connect: message 3 of the input cannot be sent as lines,max=4: a message of 5 bytes is over the limit of 4 bytes" ]
  piped '\0\0\0\1a\0\0\0\3a\nb\0\0\0\1c' -f lines,max=4 --in len32
  is 2 'a|'
  grep -q "message 2 of the input cannot be sent as lines,max=4: byte 1 is a line feed" err
  piped '610d\n' -f lines,max=4 --in hex
  is 2 ''
  grep -q "message 1 of the input .*CR" err
}

@test "broken input exits 2 and says which message, where and why" {
  start_server 127.0.0.1:0 -f len32
  piped '\0\0\0\1a\0\0\0\5bc' -f len32 --in len32
  is 2 'a|'
  grep -qE "^weir connect: message 2 of the input, at byte 11: the stream ended after 6 bytes of a frame of 9 bytes" err
  piped 'a\nb\r\r\nc\n' -f len32
  is 2 'a|'
  grep -q "message 2 of the input, at byte 3: " err
  piped '61\n6\n' -f len32 --in hex
  is 2 'a|'
  grep -q 'message 2 of the input: "6" does not consist of pairs of hex digits' err
}

@test "an input that cannot be read exits 1" {
  start_server 127.0.0.1:0 -f lines
  run weir connect "$address" -f lines </
  is 1 "weir connect: standard input: Is a directory"
}

@test "hex in and out, with spaces" {
  start_server 127.0.0.1:0 -f len16
  piped '00 ff 0A\n\n 61 \n' -f len16 --in hex --out hex
  is 0 '00ff0a||61|'
}

@test "payloads with a newline are written unchanged, with one warning" {
  start_server 127.0.0.1:0 -f len32
  piped '610a62\n630d\n0a\n' -f len32 --in hex
  is 0 $'a|b|c\r|||'
  [ "$(grep -c warning err)" -eq 1 ]
  grep -q "message 1 contains a newline" err
  piped '61\n630d\n' -f len32 --in hex
  grep -q "message 2 ends in CR" err
  piped 'a\nb\n' -f len32
  [ ! -s err ]
}

@test "a reply that the output framing cannot carry is reported, exit 2" {
  start_server 127.0.0.1:0 -f len32
  piped '61\n0a\n62\n' -f len32 --in hex --out lines:crlf
  is 2 $'a\r|'
  grep -q "reply 2 cannot be written as lines:crlf: " err
}

@test "--json: each line parses; raw integers; text only when it is UTF-8" {
  start_server 127.0.0.1:0 -f len32
  piped '61\nc3a9220a5c00\nff\neda080\n\n' -f len32 --in hex --json
  [ "$status" -eq 0 ]
  python3 - <<'END'
import json
events = [json.loads(line) for line in open("out")]
assert events[0] == {"event": "message", "number": 1, "payload_hex": "61", "text": "a"}, events[0]
assert events[1]["text"] == 'é"\n\\\0' and events[1]["number"] == 2
assert "text" not in events[2] and events[2]["payload_hex"] == "ff"
assert "text" not in events[3]
assert events[4]["payload_hex"] == "" and events[4]["text"] == ""
assert events[5] == {"event": "closed", "close_reason": "closed", "sent": 5, "received": 5}, events[5]
END
}

@test "--json also reports a refused connection and a truncated reply" {
  start_peer 'c.sendall(b"\0\0\0\5ab"); c.close()'
  piped '' -f len32 --json
  [ "$status" -eq 3 ]
  python3 -c 'import json; e = json.loads(open("out").read()); assert e["close_reason"] == "truncated" and e["received"] == 0, e'
  end_of "$peer"
  piped '' -f len32 --json
  [ "$status" -eq 1 ]
  python3 -c 'import json; e = json.loads(open("out").read()); assert e["close_reason"] == "refused", e'
}

@test "at the end of the input connect half-closes: the peer detects the end and can still answer" {
  start_peer 'got = rest(); c.sendall(b"you said " + got); c.close()'
  piped 'a\nb\n' -f lines
  is 0 'you said a|b|'
}

@test "a peer that breaks the framing: exit 3, and earlier replies are printed" {
  start_peer 'c.sendall(b"\0\0\0\1a\0\0\0\5bc"); c.close()'
  piped '' -f len32
  is 3 'a|'
  grep -q "^weir connect: $address: the stream ended after 6 bytes of a frame of 9 bytes" err
  start_peer 'c.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n"); rest()'
  piped '' -f len32
  is 3 ''
  grep -q "looks like an HTTP response" err
  start_peer 'c.sendall(b"a\r\r\n"); rest()'
  piped '' -f lines
  is 3 ''
}

@test "a peer that resets: exit 1, and earlier replies are printed" {
  start_peer 'c.sendall(b"a\n"); c.recv(1); reset()'
  start_client -f lines
  says client.out a
  printf 'b\n' >&8
  end_of "$client"
  [ "$code" -eq 1 ]
  [ "$(cat client.err)" = "weir connect: $address: connection reset by the peer" ]
}

@test "a reply is printed before more input arrives" {
  start_server 127.0.0.1:0 -f lines
  start_client -f lines
  printf 'a\n' >&8
  says client.out '^a$'
  printf 'b\n' >&8
  says client.out '^b$'
  exec 8>&-
  end_of "$client"
  [ "$code" -eq 0 ]
}

# True when the client has read a part of its input and waits for the peer: the offset of its input does not change.
reads_no_more() {
  local before
  before=$(awk '/^pos/ { print $2 }' "/proc/$client/fdinfo/0")
  sleep 0.1
  ((before > 0)) && [ "$before" = "$(awk '/^pos/ { print $2 }' "/proc/$client/fdinfo/0")" ]
}

@test "a server that stops reading for a while still receives everything" {
  start_peer '
while not os.path.exists("go"): time.sleep(0.02)
got = rest()
c.sendall(got)
c.close()'
  yes 0123456789abcdef | head -c 17000000 >in
  "$WEIR" connect "$address" -f lines <in >out 2>client.err 3>&- &
  client=$!
  started+=("$client")
  until_true reads_no_more
  touch go
  end_of "$client"
  [ "$code" -eq 0 ]
  cmp in out
}

@test "--linger limits the wait for a peer that does not end" {
  start_peer 'c.sendall(b"hello\n"); rest(); time.sleep(60)'
  piped 'a\n' -f lines --linger 200ms
  is 0 'hello|'
  [ ! -s err ]
}

@test "after --linger a peer that reads late still receives all data, and the end of the stream" {
  start_peer '
c.sendall(b"hello\n")
while not os.path.exists("go"): time.sleep(0.02)
with open("got", "wb") as f: f.write(rest())'
  piped 'a\nbb\n' -f lines --linger 100ms
  is 0 'hello|'
  touch go
  end_of "$peer"
  [ "$code" -eq 0 ] || { cat peer.err; return 1; }
  [ "$(tr '\n' '|' <got)" = 'a|bb|' ]
}

@test "--timeout limits the time of connecting: exit 4" {
  # The accept queue is full, so the kernel drops the SYN of a further connect.
  python3 - >peer.out 3>&- <<'END' &
import socket, time
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen(0)
held = []
for _ in range(8):
    one = socket.socket()
    one.setblocking(False)
    one.connect_ex(s.getsockname())
    held.append(one)
time.sleep(0.2)
print(s.getsockname()[1], flush=True)
time.sleep(60)
END
  started+=($!)
  until_true test -s peer.out
  run weir connect "127.0.0.1:$(cat peer.out)" -f lines --timeout 100ms </dev/null
  [ "$status" -eq 4 ]
  [[ $output == "weir: connect 127.0.0.1:"*"timed out"* ]]
}

@test "connect exits without an error when its output is no longer read; other failures of the output are reported" {
  start_server 127.0.0.1:0 -f lines
  run bash -c 'yes | "$1" connect "$2" -f lines 2>err | head -n 1; echo "${PIPESTATUS[1]}"' - "$WEIR" "$address"
  is 0 $'y\n1'
  [ ! -s err ]
  run bash -c 'echo a | "$1" connect "$2" -f lines >/dev/full' - "$WEIR" "$address"
  is 1 "weir connect: standard output: No space left on device"
}

@test "oversize=skip drops messages over the limit, and reports their number" {
  start_server 127.0.0.1:0 -f lines
  piped 'aaaaaaaa\nb\n' -f lines,max=4,oversize=skip --in lines
  [ "$status" -eq 2 ]  # the message is not sent either
  start_peer 'c.sendall(b"aaaaaaaa\nb\n"); rest(); c.close()'
  piped '' -f lines,max=4,oversize=skip
  is 0 'b|'
  grep -q "^weir connect: skipped 1 message over the limit$" err
  start_peer 'c.sendall(b"aaaaaaaa\nb\ncccccccc\n"); rest(); c.close()'
  piped '' -f lines,max=4,oversize=skip
  is 0 'b|'
  grep -q "^weir connect: skipped 2 messages over the limit$" err
}

@test "a closed standard input or output is reported, and no reply is lost silently" {
  start_server 127.0.0.1:0 -f lines
  run bash -c 'echo a | "$1" connect "$2" -f lines >&-' - "$WEIR" "$address"
  is 1 "weir connect: standard output: Bad file descriptor"
  run bash -c '"$1" connect "$2" -f lines <&-' - "$WEIR" "$address"
  is 1 "weir connect: standard input: Bad file descriptor"
  run bash -c 'echo a | "$1" connect "$2" -f lines 2>&-' - "$WEIR" "$address"
  is 0 a
}
