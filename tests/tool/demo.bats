#!/usr/bin/env bats
# weir demo: its transcript comes from a real run.

setup() { load helper; }

@test "the transcript shows joined and split messages, framing, and a client of another protocol; exit 0" {
  run weir demo
  [ "$status" -eq 0 ]
  for words in '"onetwothree"' "TCP tears" '"one\ntwo\nthree\n"' '"one", "two", "three"' \
    "this looks like an HTTP request" 'receives the reply "hello"'; do
    [[ $output == *"$words"* ]] || { echo "not said: $words"; return 1; }
  done
}

@test "each line of --json parses, and the numbers are integers" {
  weir demo --json >out
  python3 - <<'END'
import json
events = [json.loads(line) for line in open("out")]
assert [e["event"] for e in events] == ["listening", "glue", "tear", "frame", "frame", "stranger"], events
assert events[1] == {"event": "glue", "sends": 3, "receives": 1, "bytes": 11}, events[1]
assert events[2]["receives"] > 1 and events[2]["bytes"] == 1000000
assert events[5]["close_reason"] == "too_large"
END
}
