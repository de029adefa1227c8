#!/usr/bin/env bats
# Every payload that a framing can carry is echoed unchanged, with every kind of client.

setup() { load helper; }

# same F SIZE...: sends random payloads of these sizes with connect, --in len32 --out len32, and compares the replies.
same() {
  python3 - "$WEIR" "$address" "$@" <<'END'
import random, struct, subprocess, sys
weir, address, framing, *sizes = sys.argv[1:]
seed = random.randrange(1 << 32)
print("seed", seed)
draw = random.Random(seed)
lines = framing.startswith("lines")
def payload(size):
    body = bytearray(draw.randbytes(size)).replace(b"\n", b"\0") if lines else bytearray(draw.randbytes(size))
    if lines and body.endswith(b"\r"): body[-1] = 0
    return bytes(body)
payloads = [payload(int(size)) for size in sizes] + [payload(draw.randint(min(map(int, sizes)), int(sizes[-1]))) for _ in range(4)]
framed = b"".join(struct.pack("!I", len(p)) + p for p in payloads)
done = subprocess.run([weir, "connect", address, "-f", framing, "--in", "len32", "--out", "len32"],
                      input=framed, capture_output=True, timeout=40)
assert done.returncode == 0, (done.returncode, done.stderr)
assert done.stderr == b"", done.stderr
assert done.stdout == framed, (len(done.stdout), len(framed))
END
}

@test "a and bb are returned as a and bb" {
  start_server 127.0.0.1:0 -f lines
  run bash -c 'printf "a\nbb\n" | "$1" connect "$2" -f lines' - "$WEIR" "$address"
  is 0 $'a\nbb'
  run bash -c 'printf "a\nbb" | "$1" connect "$2" -f lines' - "$WEIR" "$address"
  is 0 $'a\nbb'
}

@test "without a message there is no reply" {
  start_server 127.0.0.1:0 -f lines
  run bash -c '"$1" connect "$2" -f lines </dev/null' - "$WEIR" "$address"
  is 0 ""
}

@test "empty messages are echoed" {
  start_server 127.0.0.1:0 -f len8
  run bash -c 'printf "\n\nx\n\n" | "$1" connect "$2" -f len8 --out hex | tr "\n" ,' - "$WEIR" "$address"
  is 0 ",,78,,"
}

@test "lines: 0, 1, max-1, max bytes and random ones, with a small limit" {
  start_server 127.0.0.1:0 -f lines,max=17
  same lines,max=17 0 1 16 17
}

@test "lines: 0, 1, max-1, max bytes and random ones, with the limit of 1 MiB" {
  start_server 127.0.0.1:0 -f lines
  same lines 0 1 1048575 1048576
}

@test "lines:crlf" {
  start_server 127.0.0.1:0 -f lines:crlf,max=1KiB
  same lines:crlf,max=1KiB 0 1 1023 1024
}

@test "len32: 0, 1, max-1, max bytes and random ones, with a small limit" {
  start_server 127.0.0.1:0 -f len32,max=17
  same len32,max=17 0 1 16 17
}

@test "len32: 0, 1, max-1, max bytes and random ones, with the limit of 1 MiB" {
  start_server 127.0.0.1:0 -f len32
  same len32 0 1 1048575 1048576
}

@test "a limit above 1 MiB also applies to standard input and output" {
  start_server 127.0.0.1:0 -f len64le,max=3MiB
  same len64le,max=3MiB 3145728
}

@test "len8, len16le, len24 and the options of a length" {
  local framing
  for framing in len8 len16le len24,max=70000 len32le,offset=3,magic=cafe,counts=whole,max=300 len16,check=crc32,max=500; do
    start_server 127.0.0.1:0 -f "$framing"
    same "$framing" 0 1 254 255
    stop_server
    [ "$code" -eq 0 ]
  done
}

@test "the other framings" {
  local framing
  for framing in varint netstring,max=5000 delimited:7e,escape=7d01:7d/7d02:7e,start=7e varint,check=crc32c; do
    start_server 127.0.0.1:0 -f "$framing"
    same "$framing" 0 1 126 127 128 4000
    stop_server
    [ "$code" -eq 0 ]
  done
  start_server 127.0.0.1:0 -f fixed:64
  same fixed:64 64 64
}

@test "nc, socat and a client that writes one byte at a time get the same answer" {
  start_server 127.0.0.1:0 -f lines
  printf 'one\n\ntwo\r\nlong long line\n' >in
  printf 'one\n\ntwo\nlong long line\n' >expected
  nc.openbsd -N -w 15 127.0.0.1 "$port" <in >out
  cmp out expected
  socat -t 15 - "TCP:$address" <in >out
  cmp out expected
  raw '
c.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
for byte in open("in", "rb").read(): c.sendall(bytes([byte]))
c.shutdown(socket.SHUT_WR)
open("out", "wb").write(rest())'
  cmp out expected
  weir connect "$address" -f lines <in >out
  cmp out expected
}

@test "100,000 messages are sent without a pause, and replies arrive meanwhile" {
  start_server 127.0.0.1:0 -f len16
  seq 100000 >in
  timeout 40 "$WEIR" connect "$address" -f len16 <in >out
  cmp in out
}

@test "addresses: IPv6, a path, an abstract name, a host name" {
  local where
  for where in '[::1]:0' unix:x.sock "unix:@weir-test-$$" localhost:0; do
    start_server "$where" -f len32
    same len32 0 1 1000
    stop_server
    [ "$code" -eq 0 ]
  done
  [ ! -e x.sock ]
}
