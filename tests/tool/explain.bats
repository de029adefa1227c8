#!/usr/bin/env bats
# weir explain -f F: prints every part of every frame, and each error with its offset.

setup() { load helper; }

explained() {  # explained INPUT OPTION...: its output is in `out`, with single spaces; its standard error is in `err`
  local input=$1
  shift
  # shellcheck disable=SC2059 # the tests write escapes
  run bash -c 'printf "$1" | timeout 20 "${@:2}" >raw 2>err' - "$input" "$WEIR" explain "$@"
  sed -E 's/ +/ /g' raw >out
}
has() { grep -qxF -- "$1" out || { cat out err; return 1; }; }
code_is() { [ "$status" -eq "$1" ] || { echo "exit $status"; cat out err; return 1; }; }

@test "header, payload and trailer of each frame, with offsets and meanings" {
  explained '5:hello,0:,' -f netstring
  code_is 0
  has ' 0 35 3a header length 5: the bytes of the payload'
  has ' 2 68 65 6c 6c 6f payload 5 bytes hello'
  has ' 7 2c trailer comma ","'
  has 'frame 2 at 8: 3 bytes'
  has '2 whole frames in 11 bytes as netstring'
}

@test "magic, ignored bytes, what a length counts, and a correct checksum" {
  explained '\xca\xfe\0\0\x0bhello\x2c\x62' --in raw -f len16,magic=cafe,offset=3,counts=whole,check=crc16-modbus,order=big
  code_is 3  # this checksum is wrong; the one below is correct
  has ' 0 ca fe header magic cafe'
  has ' 2 00 header any ignored when received, sent as zeros'
  explained 'hello\x62' --in raw -f fixed:5,check=xor8
  has ' 5 62 trailer checksum xor8 over the payload: 62, right'
  code_is 0
}

@test "a wrong checksum is drawn with the expected value, and explain continues after its frame" {
  explained '\x02ab\x03\x02cd\x01\x02ab\x03\x02ab\x03' --in raw -f len8,check=xor8,counts=payload
  code_is 3
  has 'frame 2 at 4 is BROKEN at 7: the checksum on the wire is 01, but the message gives 07'
  has ' 7 01 trailer checksum WRONG xor8 over the payload: 01 found, 07 expected'
  has 'a guess: from 8 on the stream decodes again'
  has '3 whole frames in 16 bytes as len8,counts=payload,check=xor8; broken 1 time'
}

@test "stuffed bytes are counted, and a stuffed checksum after them is found" {
  explained '\x7e\x30\x7d\x02\x08\x7d\x01\x55\x6e\x7e\x7e\x7d\x01\x7d\x01\x7e' --in raw \
    -f delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8
  code_is 0
  has ' 1 30 7d 02 08 7d 01 55 payload 7 bytes, 2 of them stuffed: a message of 5 bytes 0}..}.U'
  has ' 13 7d 01 trailer checksum xor8 over the payload: 7d, right'
}

@test "the fields of a record have their values" {
  explained '\x01\0\x02AB\0\0\0\0\x80\x3f\xff\xff\0\x3c' --in raw -f 'record:<BH4sfhe'
  code_is 0
  has ' 1 00 02 payload u16 #2 512'
  has ' 3 41 42 00 00 payload string #3 "AB"'
  has ' 7 00 00 80 3f payload f32 #4 1'
  has ' 11 ff ff payload i16 #5 -1'
  has ' 13 00 3c payload f16 #6 1'
}

@test "a record with blanks, padding, repeat counts and strings is read as in Python" {
  explained '\x01\xff\xff\xcd\xcc\xcc\x3d\x03abcd\0\x01\x02\x03\x04\x05\x06\x07\x08\x09\x0a\x0b\x0c\x0d\x0e\x0f\x10\x11' --in raw -f 'record:<? 2x f 5p 0I 0s x17B'
  code_is 0
  has ' 0 01 payload bool #1 true'
  has ' 1 ff ff payload padding not part of any value'
  has ' 3 cd cc cc 3d payload f32 #2 0.1'
  has ' 7 03 61 62 63 64 payload pascal #3 "abc"'
  grep -q ' 13 01 02 .* 17 values$' out
}

@test "bytes of another protocol are recognised, and explain does not continue after them" {
  explained 'GET / HTTP/1.1\r\n\r\n' -f len32
  code_is 3
  grep -q 'BROKEN at 0: .*this looks like an HTTP request' out
  grep -q '^no place in the 18 bytes' out
}

@test "after a broken frame explain continues where the stream decodes again" {
  explained 'a\nb\r\r\nc\nd\n' -f lines
  code_is 3
  has 'frame 2 at 2 is BROKEN at 3: a line'"'"'s text ends in CR, which cannot be distinguished from the CR of a CR LF line end'
  has 'a guess: from 6 on the stream decodes again'
  has 'frame 4 at 8: 2 bytes'
  explained '5:hello,3:bad;2:ok,1:a,' -f netstring
  has 'a guess: from 14 on the stream decodes again'
}

@test "a partial message at the end is reported and drawn as far as it arrived: exit 3" {
  explained '\0\x05hello\0\x05he' --in raw -f len16
  code_is 3
  has 'frame 2 at 7 is truncated: the stream ended after 4 bytes of a frame of 7 bytes (it would be 1280 in little-endian)'
  has ' 9 68 65 payload 2 of 5 bytes arrived he'
  explained '\0\x05hello\0' --in raw -f len16
  has 'frame 2 at 7 is truncated: the stream ended after 1 byte of a message whose end had not arrived'
  has ' 7 00 header length 1 of 2 bytes arrived'
}

@test "a dump of any of the known programs is recognised; with --in raw its bytes are the input" {
  python3 -c 'import sys; sys.stdout.buffer.write(b"".join(b"line %d\n" % i for i in range(40)) + bytes(64) + b"\n")' >bytes
  weir explain --in raw -f lines bytes >want
  for dump in "xxd" "xxd -u" "xxd -c 8" "hexdump -C" "od -Ax -tx1" "od -Ax -tx1z" "xxd -p"; do
    $dump bytes >dumped
    weir explain -f lines dumped >got 2>err || { echo "$dump"; cat err; return 1; }
    cmp want got || { echo "$dump"; return 1; }
    [ "$(wc -l <err)" -eq 1 ]
    grep -q "the input is read as" err
    weir explain -f lines --in hex - <dumped >got 2>err
    cmp want got
    [ ! -s err ]
  done
  weir explain --in raw -f lines dumped >got
  grep -q "6c 69 6e 65" got && return 1
  printf '0002\n6869 00 00\n' | weir explain -f len16 >got
  grep -q "2 whole frames" got
}

@test "a dump with a wrong line or a gap is refused, and the error says where" {
  explained '00000000: 6865                                     he\nnonsense\n' -f lines
  code_is 2
  grep -q 'line 2 of the input, "nonsense", is not a line of a dump by xxd' err
  explained '000000 61 62\n000010 63\n' -f lines
  code_is 2
  grep -q "some are missing" err
}

@test "--json: one object for each frame, with payload_hex, and with text if it is UTF-8" {
  explained '\0\2hi\0\1\xff\0\2h' --in raw -f len16 --json
  code_is 3
  python3 - <<'END'
import json
events = [json.loads(line) for line in open("raw")]
assert [e["event"] for e in events] == ["frame", "frame", "truncated", "summary"], events
first = events[0]
assert (first["number"], first["offset"], first["size"]) == (1, 0, 4)
assert first["payload_hex"] == "6869" and first["text"] == "hi"
assert [(p["part"], p["offset"], p["size"]) for p in first["parts"]] == [("length", 0, 2), ("payload", 2, 2)]
assert events[1]["payload_hex"] == "ff" and "text" not in events[1]
assert events[2]["offset"] == 7 and events[2]["wrong_at"] == 10
assert events[3] == {"event": "summary", "framing": "len16", "bytes": 10, "frames": 2, "breaks": 1}
END
}

@test "messages over the limit are skipped, streamed or refused, as the framing says" {
  explained 'abc\nabcdef\nx\n' -f lines,max=4,oversize=skip
  code_is 0
  has 'frame 2 at 4: skipped, a message of 6 bytes over the limit'
  has 'frame 3 at 11: 2 bytes'
  explained 'abc\nabcdef\nx\n' -f lines,max=4,oversize=stream
  has 'frame 2 at 4: a message of 6 bytes, over the limit'
  explained 'abc\nabcdef\nx\n' -f lines,max=4
  code_is 3
  grep -q "BROKEN at 8: a message is over the limit of 4 bytes" out
}

@test "on a pipe each frame is shown as soon as it is whole" {
  mkfifo pipe
  "$WEIR" explain -f lines <pipe >out 3>&- 8>&- &
  started+=($!)
  exec 8>pipe
  printf 'on' >&8
  printf 'e\ntw' >&8
  says out 'frame 1 at 0: 4 bytes'
  printf 'o\n' >&8
  says out 'frame 2 at 4: 4 bytes'
  exec 8>&-
  says out '2 whole frames'
}

memory_of() { /usr/bin/env python3 -c 'import resource, subprocess, sys
subprocess.run(sys.argv[1:], check=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)' "$@"; }

@test "a message of 100 MB that is skipped or streamed needs little memory" {
  local rule
  for rule in skip stream; do
    head -c 100000000 /dev/zero >large
    printf '\n' >>large
    kilobytes=$(memory_of bash -c '"$1" explain --in raw -f "$2" large >out' - "$WEIR" "lines,oversize=$rule")
    grep -q "a message of 100000000 bytes" out
    [ "$kilobytes" -lt 60000 ] || [[ -n $(nm "$WEIR" 2>/dev/null | grep -m1 __asan) ]] || { echo "$kilobytes KiB"; return 1; }
  done
}

@test "a wrong usage is one sentence and exit 2; a missing file is exit 1" {
  run weir explain -f nonsense
  [ "$status" -eq 2 ]
  [[ $output == 'weir explain: framing "nonsense": no framing is called "nonsense"; there are: lines '* ]]
  run weir explain -f lines --in bits
  is 2 'weir explain: --in "bits": must be raw or hex'
  run weir explain -f lines --bytes 0
  is 2 'weir explain: --bytes "0": must be a number of at least 1, or all'
  run weir explain -f lines nowhere
  is 1 'weir explain: nowhere: No such file or directory'
}

@test "a length that no message can have is shown as received, and not as a size" {
  for length in 7fffffffffffffff:9223372036854775807 8000000000000000:9223372036854775808 ffffffffffffffff:18446744073709551615; do
    printf '%s6162' "${length%:*}" >dump
    weir explain --in hex -f len64,oversize=skip dump >out && return 1
    grep -q "${length#*:}: the bytes of the payload" out || { cat out; return 1; }
    grep -qE 'payload +2 bytes' out && ! grep -q 'bytes arrived' out || { cat out; return 1; }
    weir explain --in hex -f len64 dump >out && return 1
    grep -q "a length of ${length#*:} is over the limit of 1 MiB" out || { cat out; return 1; }
  done
}

@test "a checksum between marks is drawn without stuffing" {
  explained 'aa\0;a\0bc\x60;' --in raw -f delimited:3b,check=xor8
  code_is 0
  has ' 2 00 trailer checksum xor8 over the payload: 00, right'
  has ' 8 60 trailer checksum xor8 over the payload: 60, right'
  printf '\x78\x78\x05\x13\x01\x7e\x7e\x0d\x0a\x7e\xa0\x7e' >captured
  weir explain --in raw captured >out || [ $? -eq 1 ] || [ $? -eq 3 ]
}
