#!/usr/bin/env bats
# --backend: which interface of the kernel a loop uses, and the message if io_uring is refused.

setup() { load helper; }

# start_traced STRACE-OPTION... -- ADDRESS OPTION...: as start_server, under strace; $server is strace, $traced is weir
start_traced() {
  local options=()
  while [ "$1" != -- ]; do options+=("$1") && shift; done
  shift
  : >server.err
  : >trace
  strace -f -qq -o trace "${options[@]}" "$WEIR" serve "$@" >server.out 2>server.err 3>&- 8>&- 9>&- </dev/null &
  server=$!
  started+=("$server")
  until_true listening_or_gone
  kill -0 "$server" || return 0
  port=$(sed -nE 's/^weir serve: listening on .*:([0-9]+) .*$/\1/p' server.err)
  traced=$(pgrep -P "$server" -x weir)
  started+=("$traced")
}

# dialogues N: sends N lines on one connection, and receives each one back
dialogues() {
  raw '
for i in range('"$1"'):
    line = b"%d\n" % i
    c.sendall(line)
    assert exactly(len(line)) == line'
}

calls() { grep -cE "(^|[0-9] +)$1\(" trace || true; }

stop_traced() {  # the trace is complete after it
  kill -TERM "$traced"
  end_of "$server"
  [ "$code" -eq 0 ]
}

@test "on io_uring a turn of the loop is one system call: a hundred dialogues are about a hundred enters" {
  start_traced -e trace=network,epoll_wait,epoll_pwait2,io_uring_enter -- 127.0.0.1:0 -f lines --backend io_uring
  dialogues 100
  stop_traced
  local entered
  entered=$(calls io_uring_enter)
  echo "$entered enters"
  # More than one for each dialogue: opening and closing connections and the shutdown take some, too.
  [ "$entered" -ge 100 ]
  [ "$entered" -le 120 ]
  [ "$(calls 'recv\w*|send\w*')" -eq 0 ]
}

@test "on epoll a turn of the loop is a wait, a receive and a send" {
  start_traced -e trace=network,epoll_wait,epoll_pwait2,io_uring_enter -- 127.0.0.1:0 -f lines --backend epoll
  dialogues 100
  stop_traced
  [ "$(calls io_uring_enter)" -eq 0 ]
  [ "$(calls 'send\w*')" -eq 100 ]
  local waited
  waited=$(calls 'epoll_pwait2')
  echo "$waited waits"
  [ "$waited" -ge 100 ]
  [ "$waited" -le 120 ]
}

@test "if io_uring is refused, epoll is used and the log says why; with --backend io_uring it is an error" {
  local refusal
  for refusal in EPERM ENOSYS; do
    start_traced -e "inject=io_uring_setup:error=$refusal" -e trace=io_uring_setup -- 127.0.0.1:0 -f lines
    grep -q "^weir serve: io_uring cannot be used, so weir uses epoll: io_uring_setup: " server.err
    dialogues 3
    stop_traced
    start_traced -e "inject=io_uring_setup:error=$refusal" -e trace=io_uring_setup -- 127.0.0.1:0 -f lines --backend io_uring
    end_of "$server"
    [ "$code" -eq 1 ]
    grep -q "^weir serve: io_uring_setup: " server.err
  done
}

@test "--backend names a backend" {
  run "$WEIR" serve 127.0.0.1:0 -f lines --backend kqueue
  is 2 'weir: --backend "kqueue": must be io_uring, epoll or automatic'
}
