#!/usr/bin/env bats
# Checks that tests/compare/compare.py can fail: compares Python with itself, and with a driver that answers wrongly.

setup() {
  cd "$BATS_TEST_DIRNAME/../compare" || exit 1
  liar=$BATS_TEST_TMPDIR/liar
}

@test "a listed difference that no longer occurs is a failure, and there is no other failure" {
  run env COMPARE_RANDOM=3 ./compare.py driver.py
  [ "$status" -eq 1 ]
  [ "$(grep -c '^not ok .* still differs: ' <<<"$output")" -eq "$(grep -c '^reason:' differences.txt)" ]
  [ "$(grep -c '^not ok ' <<<"$output")" -eq "$(grep -c '^reason:' differences.txt)" ]
}

lie() {  # lie SED-SCRIPT: makes a driver with altered answers
  printf '#!/usr/bin/env bash\nset -o pipefail\n%q "$@" | sed -uE %q\n' "$PWD/driver.py" "$1" >"$liar"
  chmod +x "$liar"
}

@test "one answer that differs fails its script and is shown" {
  lie 's/: "hello"$/: "hell"/'
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 1 ]
  [[ $output == *$'not ok 3 compare: t01-a-stream-carries-both-ways.ipv4\n# 10 receive c 1024\n#     weir   "hell"\n#     python "hello"'* ]]
}

@test "another end state, a missing answer or a descriptor that is left open is a failure" {
  lie 's/^(end c: .*) unread 0/\1 unread 1/'
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 1 ]
  lie '/^end c: /d'
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 1 ]
  lie 's/^end: 0 descriptors/end: 1 descriptors/'
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 1 ]
  lie ''
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 0 ]
}

@test "a driver that stops in the middle is a failure" {
  lie '/^10 receive/Q'
  run ./compare.py "$liar" scripts/t01-*.txt
  [ "$status" -eq 1 ]
}
