#!/usr/bin/env bats
# examples/echo.cpp, the eight lines, as a program: it serves its port until a signal, and exits with 0.

setup() {
  load helper
  echo_program=$(dirname "$WEIR")/examples/echo
  if (exec 7<>/dev/tcp/127.0.0.1/9000) 2>/dev/null; then
    echo "port 9000 of 127.0.0.1 is taken by another program: examples/echo serves there, so stop that one first"
    return 1
  fi
}

start_echo() {
  "$echo_program" >server.out 2>server.err 3>&- 8>&- 9>&- </dev/null &
  server=$!
  started+=("$server")
  address=127.0.0.1:9000
  port=9000
  until_true answers_or_gone
  kill -0 "$server" || { cat server.err; return 1; }
}
answers_or_gone() { (exec 7<>/dev/tcp/127.0.0.1/9000) 2>/dev/null || ! kill -0 "$server" 2>/dev/null; }

@test "the eight lines serve nc and weir connect at once, and end with 0 at SIGTERM" {
  start_echo
  start_client -f lines
  printf 'from weir\n' >&8
  says client.out '^from weir$'
  [ "$(printf 'one\ntwo\n' | timeout 20 nc.openbsd -N 127.0.0.1 9000)" = $'one\ntwo' ]
  printf 'still here\n' >&8
  says client.out '^still here$'
  stop_server
  [ "$code" -eq 0 ]
  exec 8>&-
  end_of "$client"  # its server has closed the connection at a message boundary
  [ "$code" -eq 0 ] || { cat client.err; return 1; }
  [ "$(cat client.out)" = $'from weir\nstill here' ]
  [ ! -s server.err ]
}

@test "a second server says that the address is in use, and exits with 1" {
  start_echo
  run timeout 20 "$echo_program"
  [[ $output == "listen 127.0.0.1:9000: address already in use: "*" (process $server) listens there: stop it, or choose another port" ]]
  [ "$status" -eq 1 ]
}
