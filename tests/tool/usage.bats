#!/usr/bin/env bats
# The command line: the help texts, and one message and exit code 2 for each mistake.

setup() { load helper; }

sentence() {  # sentence CODE START WORDS ARGUMENT...: weir exits with CODE; its one line begins with START, has WORDS
  local code=$1 start=$2 words=$3
  shift 3
  run timeout 20 "$WEIR" "$@"
  [ "$status" -eq "$code" ] || { echo "exit $status: $output"; return 1; }
  [ "${#lines[@]}" -eq 1 ] || { echo "$output"; return 1; }
  [[ $output == "$start"* && $output == *"$words"* ]] || { echo "$output"; return 1; }
  run bash -c '"$@" 2>/dev/null' - "$WEIR" "$@"
  [ -z "$output" ]
}

@test "help lists the commands on standard output: exit 0" {
  run bash -c '"$1" --help 2>/dev/null' - "$WEIR"
  [ "$status" -eq 0 ]
  for word in serve connect demo "--version" "weir COMMAND --help"; do [[ $output == *"$word"* ]]; done
}

@test "each command's help has its options with defaults, examples and exit codes" {
  run weir serve --help
  [ "$status" -eq 0 ]
  for word in "Usage: weir serve ADDRESS -f F" "--max-connections N" "default: 1000" "--idle TIME|none" "default: 10s" \
    "--max-per-source N|none" "a tenth, at least 8" "--held BYTES|none" "256MiB" "--kernel-buffers BYTES|none" "a quarter of the memory" "--first-message TIME|none" "--whole-message TIME|none" \
    "--json" Examples "Exit codes" 143; do [[ $output == *"$word"* ]] || { echo "$word"; return 1; }; done
  run weir connect -h
  [ "$status" -eq 0 ]
  for word in "Usage: weir connect ADDRESS -f F" "--in F|hex" "lines,end=deliver" "--linger TIME|none" Examples \
    "Exit codes" "4     timed out"; do [[ $output == *"$word"* ]] || { echo "$word"; return 1; }; done
  run weir demo --help
  [ "$status" -eq 0 ]
  [[ $output == *"weir demo"* ]]
}

@test "with --help other arguments may be missing or wrong" {
  run weir connect -f nonsense --help
  [ "$status" -eq 0 ]
}

@test "the version is one line" {
  run weir --version
  [ "$status" -eq 0 ]
  [[ $output =~ ^weir\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
}

@test "errors: no command, an unknown command, a mistyped command" {
  sentence 2 "weir: " "weir --help"
  sentence 2 "weir: " 'no command "brew"' brew
  sentence 2 "weir: " "did you mean serve?" sevre
  sentence 2 "weir: " "did you mean connect?" conect
  sentence 2 "weir: " "did you mean --version?" --versoin
}

@test "errors: an unknown or mistyped option, a missing value, a missing or superfluous argument" {
  sentence 2 "weir serve: " "did you mean --idle?" serve 127.0.0.1:0 -f lines --idel 3s
  sentence 2 "weir connect: " 'no option "-x"' connect 127.0.0.1:1 -f lines -x
  sentence 2 "weir serve: " "--framing needs a value" serve 127.0.0.1:0 -f
  sentence 2 "weir serve: " "--json takes no value" serve 127.0.0.1:0 -f lines --json=3
  sentence 2 "weir serve: " "ADDRESS is missing" serve -f lines
  sentence 2 "weir connect: " "-f lines" connect 127.0.0.1:1
  sentence 2 "weir connect: " "unexpected argument" connect 127.0.0.1:1 127.0.0.1:2 -f lines
  sentence 2 "weir connect: " "give one of them" connect 127.0.0.1:1 -f lines --json --out hex
}

@test "after -- every word is an argument" {
  sentence 2 "weir connect: " "unexpected argument" connect -f lines -- 127.0.0.1:1 -x
  sentence 2 "weir connect: " 'no option "-x"' connect -f lines -x -- 127.0.0.1:1
  sentence 2 "weir serve: " "ADDRESS is missing" serve -f lines --
  sentence 2 "weir: the address --json" "port" connect -f lines -- --json
  start_server -f lines -- 127.0.0.1:0
  [ "$(echo a | weir connect -f lines -- "$address")" = a ]
}

@test "errors: invalid sizes, times and counts" {
  sentence 2 "weir: " "the unit is missing" serve 127.0.0.1:0 -f lines --idle 3
  sentence 2 'weir: --drain "soon"' "or none" serve 127.0.0.1:0 -f lines --drain soon
  sentence 2 "weir: " "at least 1" serve 127.0.0.1:0 -f lines --max-connections 0
  sentence 2 'weir: --max-per-source "0"' "at least 1, or none" serve 127.0.0.1:0 -f lines --max-per-source 0
  sentence 2 'weir: --held "64MB"' "KiB, MiB and GiB" serve 127.0.0.1:0 -f lines --held 64MB
  sentence 2 "weir: --held" "write none for no limit" serve 127.0.0.1:0 -f lines --held 0
  sentence 2 'weir: --kernel-buffers "64MB"' "KiB, MiB and GiB" serve 127.0.0.1:0 -f lines --kernel-buffers 64MB
  sentence 2 "weir: --kernel-buffers" "write none for no limit" serve 127.0.0.1:0 -f lines --kernel-buffers 0
  sentence 2 "weir: --first-message" "write none for no limit" serve 127.0.0.1:0 -f lines --first-message 0s
  sentence 2 'weir: --whole-message "soon"' "or none" serve 127.0.0.1:0 -f lines --whole-message soon
  sentence 2 "weir: " "--timeout" connect 127.0.0.1:1 -f lines --timeout soon
  sentence 2 "weir: --idle" "write none for no limit" serve 127.0.0.1:0 -f lines --idle 0s
  sentence 2 "weir: --stall" "write none for no limit" serve 127.0.0.1:0 -f lines --stall 0ms
  sentence 2 "weir: --timeout" "write none for no limit" connect 127.0.0.1:1 -f lines --timeout 0s
}

@test "errors: an invalid framing, oversize=stream, a framing with gaps for standard input" {
  sentence 2 "weir: framing " "did you mean" serve 127.0.0.1:0 -f line
  sentence 2 "weir: framing " "KiB" connect 127.0.0.1:1 -f len32,max=zz
  sentence 2 "weir: " "oversize=stream" serve 127.0.0.1:0 -f lines,oversize=stream
  sentence 2 "weir connect: --in idle" "gaps" connect 127.0.0.1:1 -f lines --in idle:20ms
  sentence 2 "weir: " "oversize=stream" connect 127.0.0.1:1 -f len32,oversize=stream
}

@test "errors: an invalid address" {
  sentence 2 "weir serve: " "port" serve 127.0.0.1 -f lines
  sentence 2 "weir serve: " "99999" serve 127.0.0.1:99999 -f lines
  sentence 2 "weir: " "port" connect localhost -f lines
  sentence 2 "weir: " "four numbers" connect 1.2.3.4.5:80 -f lines
  sentence 2 "weir: " "this is a URL" connect http://x/ -f lines
  sentence 2 "weir: " "this is a URL" connect http://x:80/ -f lines
  sentence 2 "weir: " "this is a URL" connect http://127.0.0.1 -f lines
  sentence 2 "weir serve: " "this is a URL" serve tcp://127.0.0.1:0 -f lines
  sentence 2 "weir: the address 127.0.0.1:8/0: " "port" connect 127.0.0.1:8/0 -f lines
  [[ $output != *"()"* && $output != *"::"* ]]
}

@test "errors: a port without a server, a path without a file" {
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  sentence 1 "weir: connect 127.0.0.1:$port: connection refused" "" connect "127.0.0.1:$port" -f lines
  sentence 1 "weir: connect unix:nowhere" "no such file" connect unix:nowhere -f lines
}

@test "errors: an address in use, and an address of another machine" {
  start_server 127.0.0.1:0 -f lines
  sentence 1 "weir serve: listen $address: address already in use" "" serve "$address" -f lines
  sentence 1 "weir serve: listen 192.0.2.1:9: not an address of this machine" "" serve 192.0.2.1:9 -f lines
}

@test "standard error is coloured only on a terminal, and not with NO_COLOR" {
  on_terminal() {
    python3 - "$WEIR" <<'END'
import os, pty, sys
pid, fd = pty.fork()
if pid == 0:
    os.environ["TERM"] = "xterm"
    os.execv(sys.argv[1], ["weir", "sevre"])
got = b""
try:
    while part := os.read(fd, 4096): got += part
except OSError: pass
os.waitpid(pid, 0)
print(repr(got))
END
  }
  run weir sevre
  [[ $output != *$'\033'* ]]
  run on_terminal
  [[ $output == *'\x1b[1;31mweir:\x1b[0m there is'* ]]
  export NO_COLOR=1
  run on_terminal
  [[ $output != *'\x1b'* && $output == *"weir: there is"* ]]
}

@test "a closed or full standard output is an error" {
  run bash -c '"$1" --help >&-' - "$WEIR"
  is 1 "weir: standard output: Bad file descriptor"
  run bash -c '"$1" --help >/dev/full' - "$WEIR"
  is 1 "weir: standard output: No space left on device"
  run bash -c '"$1" framing lines >&-' - "$WEIR"
  is 1 "weir framing: standard output: Bad file descriptor"
  run bash -c 'echo | "$1" explain -f lines >&-' - "$WEIR"
  is 1 "weir explain: standard output: Bad file descriptor"
  run bash -c '"$1" demo >&-' - "$WEIR"
  is 1 "weir demo: standard output: Bad file descriptor"
}

@test "a closed standard input is an error" {
  run bash -c '"$1" explain -f lines <&- 2>&1 >out' - "$WEIR"
  is 1 "weir explain: standard input: Bad file descriptor"
}
