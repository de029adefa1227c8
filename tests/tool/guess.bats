#!/usr/bin/env bats
# weir explain without -f: checks its first guess for streams in random framings, and for text files.

setup() { load helper; }

@test "of 400 samples the right framing comes first, alone or as one of those that fit equally, in at least 90%" {
  seed=${WEIR_SEED:-2026}
  python3 "$BATS_TEST_DIRNAME/framing_samples.py" "$seed" 400 samples
  echo "seed $seed"
  python3 "$BATS_TEST_DIRNAME/framing_guesses.py" "$WEIR" samples 0.9 >table || { cat table; return 1; }
  tail -n 7 table | sed 's/^/# /' >&3
}

@test "the guess gives its reasons in one line, and the frames are drawn in the first framing" {
  printf '\0\0\0\5hello\0\0\0\2hi\0\0\0\3you' | weir explain >out
  [ "$(head -n 1 out)" = "framings that fit, the likeliest first:" ]
  grep -qE '^1\. .*len32.* \((both|all) fit\)$' out
  grep -q '^   3 messages of 2 to 5 bytes, the last one ends with the input; every message is text; ' out
  grep -q '^frame 1 at 0: 9 bytes' out
}

@test "lines of JSON are not guessed as blocks of 251 bytes" {
  python3 "$BATS_TEST_DIRNAME/framing_samples.py" 4 47 samples
  weir explain --in raw samples/46.bin >out || true
  grep -q '^1\. lines' out || { head -n 11 out; return 1; }
}

@test "bytes at the start of all messages are taken as part of the messages, except for common start marks" {
  type='\01\0%d\0temperature\x1e'
  printf "$type$type$type$type$type$type$type$type" 1 2 3 4 5 6 7 8 >first
  printf '\x0btemperature\x1e\x0bweir\x1e\x0bpressure of the water\x1e\x0bvalve\x1e\x0bop' >second
  weir explain --in raw first >out || true
  grep -q '^1\. delimited:1e$' out || { head -n 11 out; return 1; }
  weir explain --in raw second >out || true
  grep -q '^1\. delimited:1e,start=0b$' out || { head -n 11 out; return 1; }
}

@test "input that fits no framing, and empty input: exit 1" {
  run bash -c 'printf "" | "$1" explain' - "$WEIR"
  is 1 'weir explain: there are no bytes to guess from'
  run bash -c 'printf "x" | "$1" explain --in raw' - "$WEIR"
  [ "$status" -eq 1 ]
}

@test "the guess is lines for at least 98% of text files, for FTP, SMTP, IRC, lines of JSON, and for a single line" {
  top=$(realpath "$BATS_TEST_DIRNAME/../..")
  python3 "$BATS_TEST_DIRNAME/text_guesses.py" "$WEIR" --most 50 "$top"/{docs,weir,tool,tests,examples,LICENSE,README.md,README.zh-CN.md} >table ||
    { cat table; return 1; }
  tail -n 1 table | sed 's/^/# /' >&3
  printf '220 ftp ready\r\n331 Please specify the password.\r\n230 Login successful.\r\n' >ftp
  printf '250-mail.example.org\r\n250-PIPELINING\r\n250 8BITMIME\r\n354 End with <CR><LF>.<CR><LF>\r\n221 Bye\r\n' >smtp
  printf ':irc.example.org 001 nick :Welcome\r\n:nick!u@h JOIN #weir\r\nPING :irc\r\n:a!b@c PRIVMSG #weir :hello there\r\n' >irc
  printf '{"level":"info","msg":"up"}\n{"level":"warn","msg":"b b b"}\n{"level":"info","msg":"down"}\n' >json
  printf 'hello\n' >alone
  for sample in ftp smtp irc json alone; do
    weir explain --in raw "$sample" >out
    grep -qE '^1\. lines' out || { echo "$sample"; head -n 11 out; return 1; }
    [ "$(head -n 1 out)" = "framings that fit, the likeliest first:" ]
  done
}

@test "for random bytes explain reports that no framing explains them well" {
  python3 -c 'import random, sys; sys.stdout.buffer.write(random.Random(7).randbytes(600))' >bytes
  weir explain --in raw bytes >out || true
  [ "$(head -n 1 out)" = "no framing explains these bytes well; those that decode them, the likeliest first:" ] || { head -n 3 out; return 1; }
  weir explain --in raw --json bytes >out || true
  head -n 1 out | grep -q '"explains_well":false' || { head -n 1 out; return 1; }
}
