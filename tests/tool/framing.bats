#!/usr/bin/env bats
# weir framing: its text, its aligned drawing, and its printed programs, which are run with the framing.

setup() { load helper; }

@test "the words, the layout and the limits of a framing" {
  weir framing 'delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8' >out
  grep -q 'byte stuffing' out
  grep -q '| start mark | payload | checksum | end mark |' out
  grep -q '^A message has at most 1 MiB; a longer one ends the stream.$' out
  weir framing idle:20ms | grep -q 'Over TCP this is unsafe'
  weir framing chunks | grep -q 'No framing at all'
}

@test "the text says whether a message may be empty, and that a longer read gives several messages" {
  local described
  for described in chunks idle:20ms; do
    weir framing "$described" >out
    grep -qx 'A message cannot be empty: it would have no bytes on the wire.' out
    [ "$(grep -c 'may be empty' out)" -eq 0 ]
  done
  weir framing idle:20ms,check=xor8 | grep -qx 'A message may be empty.'
  weir framing chunks,max=3 | grep -qx 'A message has at most 3 bytes; a longer read gives several.'
}

@test "without a framing the kinds and options are listed" {
  run weir framing
  [ "$status" -eq 0 ]
  for word in lines delimited fixed len8 varint netstring record chunks idle counts= crc16-modbus; do [[ $output == *"$word"* ]]; done
}

@test "every box of a layout is aligned, also if a record's fields need several rows" {
  local described
  for described in lines len16,offset=3,magic=cafe,check=crc32 'record:!I16sfHHHHHHHHdd' varint; do
    weir framing "$described" >out
    python3 - <<'PYTHON'
rows = [line.rstrip("\n") for line in open("out")]
borders = [i for i, row in enumerate(rows) if row.startswith("  +-")]
assert borders and len(borders) % 2 == 0
for top, bottom in zip(borders[::2], borders[1::2]):
    assert rows[top] == rows[bottom] and len(rows[top]) <= 100
    edges = [i for i, c in enumerate(rows[top]) if c == "+"]
    for row in rows[top + 1:bottom]:
        assert len(row) == len(rows[top]) and all(row[i] == "|" for i in edges), row
PYTHON
  done
}

@test "the printed programs work for every framing: with a server, a peer that sends pieces, and damaged streams" {
  local libraries
  libraries=$(dirname "$WEIR")/library
  # A library with a sanitizer does not link with a plain program: then only the Python programs are tested.
  if [[ ! -e $libraries/libweir.a ]] || nm "$libraries/libweir.a" 2>/dev/null | grep -q __asan; then libraries=; fi
  run python3 "$BATS_TEST_DIRNAME/framing_programs.py" "$WEIR" "$(realpath "$BATS_TEST_DIRNAME/../..")" ${libraries:+"$libraries"}
  [ "$status" -eq 0 ] || { echo "$output"; return 1; }
}

@test "--json is one object with everything; exit 2 for a framing without a program, and for a missing framing" {
  weir framing len16 --json >out
  python3 -c 'import json; e = json.load(open("out")); assert e["framing"] == "len16" and e["max"] == 65535 and "def receive" in e["python"] and "main" in e["cpp"] and e["parts"][0] == {"part": "length", "section": "header", "meaning": "unsigned, big-endian: the bytes of the payload", "size": 2}, e'
  run weir framing chunks --python
  [ "$status" -eq 2 ]
  run weir framing len15
  [ "$status" -eq 2 ]
  run weir framing --python
  is 2 'weir framing: --python needs a framing: name one'
}
