#!/usr/bin/env bats
# Checks which records the compiler refuses, and that tests/records/compare.py can fail.

setup() {
  cd "$BATS_TEST_DIRNAME/../.." || exit 1
  liar=$BATS_TEST_TMPDIR/liar
}

compiled() {  # compiled FORMAT [COMPILER]: compiles a struct of two members with this format
  printf '#include <weir/framing/record/record_codec.h>
    struct reading { std::uint32_t id; float value; };
    constexpr auto codec = weir::record("%s", &reading::id, &reading::value);' "$1" >"$BATS_TEST_TMPDIR/record.cc"
  run "${2:-g++}" -std=c++20 -fsyntax-only -I. "$BATS_TEST_TMPDIR/record.cc"
}

@test "a format that does not match its members does not compile, and the compiler says why" {
  for compiler in g++ clang++-19; do
    compiled '!If' "$compiler"
    [ "$status" -eq 0 ]
    compiled '!Id' "$compiler"
    [ "$status" -ne 0 ]
    [[ $output == *'d is a double'* ]]
    compiled '!I' "$compiler"
    [ "$status" -ne 0 ]
    [[ $output == *'the format has fewer values than there are members'* ]]
    compiled '!IfB' "$compiler"
    [ "$status" -ne 0 ]
    [[ $output == *'the format has more values than there are members'* ]]
    compiled '!Ik' "$compiler"
    [ "$status" -ne 0 ]
    [[ $output == *'no such field; there are: x c b B'* ]]
    compiled 'If' "$compiler"
    [ "$status" -ne 0 ]
    [[ $output == *'a record begins with its byte order'* ]]
  done
}

lie() {  # lie SED-SCRIPT: runs the comparison with Python as the driver, and with altered answers
  printf '#!/usr/bin/env bash\nset -o pipefail\ntests/records/compare.py --answer | sed -E %q\n' "$1" >"$liar"
  chmod +x "$liar"
  run env RECORD_SEED=1 RECORD_CASES=3000 tests/records/compare.py "$liar"
}

@test "a wrong answer, a missing answer, or a driver that stops early fails the comparison of records" {
  lie ''
  [ "$status" -eq 0 ]
  [ "$(grep -c '^ok ' <<<"$output")" -eq 4 ]
  lie 's/ t1 / t0 /'
  [ "$status" -eq 1 ]
  [[ $output == *'not ok 4 records: unpack'*'format '*'weir '*'python '* ]]
  lie 's/^refused$/00/'
  [ "$status" -eq 1 ]
  [ "$(grep -c '^not ok ' <<<"$output")" -eq 3 ]
  lie '700d'
  [ "$status" -eq 1 ]
  lie '700q'
  [ "$status" -eq 1 ]
  [[ $output == *'not ok 1 records: the driver answers every case'* ]]
}
