#!/usr/bin/env bats
# weir connect when one side ends first: what the peer still receives, what is lost, and the messages about that.

setup() { load helper; }

piped() {  # piped INPUT OPTION...: runs connect; its standard output is in `out`, its standard error in `err`
  local input=$1
  shift
  # shellcheck disable=SC2059 # the tests write escapes
  run bash -c 'printf "$1" | timeout 20 "${@:2}" >out 2>err' - "$input" "$WEIR" connect "$address" "$@"
  output=$(tr '\n' '|' <out)
}

@test "a peer that half-closes first receives all of the input, also later input" {
  start_peer 'c.sendall(b"bye\n"); c.shutdown(socket.SHUT_WR); open("got", "wb").write(rest())'
  start_client -f lines
  says client.err "^weir connect: the peer has ended its sending side; the rest of the input is still sent$"
  printf 'a\nb\n' >&8
  printf 'c\n' >&8
  exec 8>&-
  end_of "$client"
  [ "$code" -eq 0 ]
  [ "$(cat client.out)" = bye ]
  end_of "$peer"
  [ "$(tr '\n' '|' <got)" = 'a|b|c|' ]
}

@test "a large input is sent completely to a peer that has half-closed" {
  start_peer 'c.shutdown(socket.SHUT_WR); open("got", "wb").write(rest())'
  yes 0123456789abcdef | head -c 17000000 >in
  run bash -c '"$1" connect "$2" -f lines <in 2>err' - "$WEIR" "$address"
  is 0 ''
  end_of "$peer"
  cmp in got
}

@test "messages that a closed peer does not receive are counted: exit 1" {
  start_peer 'c.close()'
  start_client -f lines --json
  says client.err "the peer has ended its sending side"
  printf 'a\nb\nc\n' >in
  cat in >&8  # all at once
  end_of "$client"  # the input is still open
  [ "$code" -eq 1 ]
  grep -q "^weir connect: at least 3 messages of the input could not be sent, from message 1 on: the peer has closed the connection$" client.err
  python3 -c 'import json; e = json.loads(open("client.out").read()); assert e["unsent"] == 3 and e["close_reason"] == "closed", e'
}

@test "if the peer resets, the unsent messages of a large input are counted" {
  start_peer 'c.recv(1000); reset()'
  yes 0123456789abcdef | head -c 10200000 >in
  run bash -c '"$1" connect "$2" -f lines --json <in 2>err' - "$WEIR" "$address"
  [ "$status" -eq 1 ]
  grep -qE "^weir connect: at least [0-9]+ messages of the input could not be sent, from message [0-9]+ on: " err
  python3 -c 'import json, sys; e = json.loads(sys.argv[1]); assert e["unsent"] > 100000 and e["sent"] + e["unsent"] == 600000, e' "$output"
}

@test "after the peer has ended its side, --linger limits the wait for further input" {
  start_peer 'c.shutdown(socket.SHUT_WR); open("got", "wb").write(rest())'
  start_client -f lines --linger 100ms
  printf 'a\n' >&8
  end_of "$client"  # the input is still open
  [ "$code" -eq 0 ]
  grep -q "^weir connect: the peer has closed the connection$" client.err
  end_of "$peer"
  [ "$(cat got)" = a ]
}

@test "--expect keeps the sending side open until that many replies have arrived" {
  start_peer '
got = b""
while got != b"a\nb\n": got += c.recv(10)
c.sendall(b"1\n2\n")
while not os.path.exists("go"): time.sleep(0.02)
open("state", "w").write(str(c.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]))
c.sendall(b"3\n")
open("got", "wb").write(rest())'
  start_client -f lines --expect 3
  printf 'a\nb\n' >&8
  exec 8>&-
  says client.out '^2$'
  touch go
  end_of "$client"
  [ "$code" -eq 0 ]
  [ "$(tr '\n' '|' <client.out)" = '1|2|3|' ]
  end_of "$peer"
  [ "$(cat state)" = 1 ]  # ESTABLISHED: the client has not half-closed yet
  [ ! -s got ] && [ ! -s client.err ]
}

@test "--expect: fewer replies are an error with their number" {
  start_peer 'c.sendall(b"1\n2\n"); c.recv(10); c.close()'
  piped 'a\n' -f lines --expect 5
  is 1 '1|2|'
  [ "$(tail -n 1 err)" = "weir connect: $address: the peer has closed the connection after 2 of 5 expected replies" ]
  start_peer 'c.sendall(b"1\n"); rest(); time.sleep(60)'
  piped 'a\n' -f lines --expect 5 --linger 200ms
  is 4 '1|'
  [ "$(cat err)" = "weir connect: $address: timed out after 1 of 5 expected replies" ]
  piped '' -f lines --expect 0
  [ "$status" -eq 2 ]
}

@test "--expect: further replies are written too, and the wait for a peer that does not end is short" {
  start_peer 'c.sendall(b"1\n2\n3\n"); time.sleep(60)'
  piped 'a\n' -f lines --expect 2
  is 0 '1|2|3|'
  [ ! -s err ]
}

@test "--stall limits a send to a peer that does not read: exit 4" {
  start_peer 'time.sleep(60)'
  yes 0123456789abcdef | head -c 17000000 >in
  run bash -c '"$1" connect "$2" -f lines --stall 200ms <in 2>err' - "$WEIR" "$address"
  is 4 ''
  grep -q "^weir connect: $address: timed out: the peer took none of the sent bytes within 200ms$" err
  grep -qE "^weir connect: at least [0-9]+ messages of the input could not be sent, from message [0-9]+ on: timed out" err
}

@test "--stall limits a send also after the peer has ended its side" {
  start_peer 'c.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096); c.shutdown(socket.SHUT_WR); time.sleep(60)'
  yes 0123456789abcdef | head -c 17000000 >in
  run bash -c '"$1" connect "$2" -f lines --stall 200ms <in 2>err' - "$WEIR" "$address"
  is 4 ''
  grep -q "could not be sent, from message [0-9]* on: timed out" err
}

@test "an incomplete reply at the end of --linger is reported: exit 4" {
  start_peer 'c.sendall(b"one\nhal"); rest(); time.sleep(60)'
  piped 'a\n' -f lines --linger 200ms
  is 4 'one|'
  [ "$(cat err)" = "weir connect: $address: 3 bytes of a reply had arrived, but not its end, when the time limit passed" ]
  start_peer 'c.sendall(b"\0\0\0\5ab"); rest(); time.sleep(60)'
  piped 'a\n' -f len32 --linger 200ms --json
  [ "$status" -eq 4 ]
  python3 -c 'import json; e = json.loads(open("out").read()); assert e["received"] == 0 and "6 bytes of a reply" in e["reason"], e'
}
