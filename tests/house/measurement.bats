#!/usr/bin/env bats
# Checks which processes bench/measurement.py starts, with fake programs.

setup() {
  export PYTHONPATH=$BATS_TEST_DIRNAME/../../bench PYTHONDONTWRITEBYTECODE=1
  cd "$BATS_TEST_TMPDIR" || exit 1
  (($(nproc) >= 2)) || skip "two cores are needed"
}

programs() {  # makes a server that listens, and a load that records its arguments
  mkdir programs
  cat >programs/server <<'END'
#!/usr/bin/env python3
import socket
import sys
listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    listening.accept()
END
  cat >programs/load <<'END'
#!/usr/bin/env bash
echo ready
while read -r run; do
  echo "$2 $3 $4: $run" >>loads.txt
  echo '{"messages": 1, "seconds": 1, "busy": 1}'
done
END
  printf '#!/bin/sh\nexit 3\n' >programs/broken
  chmod +x programs/*
}

@test "a server for which idle connections are requested gets them besides its busy ones" {
  programs
  run timeout 60 python3 -c 'from measurement import Server, Workload, measure
measure("programs", [Server("programs", "bare", "server"), Server("programs", "crowded", "server", idle=700)],
        Workload("", "lines", 64, 50, "closed", 1), 1, 0.01)'
  [ "$status" -eq 0 ]
  [ "$(grep -c '^lines 64 700: connect$' loads.txt)" -eq 1 ]
  [ "$(grep -c '^lines 64 50: closed 0.01 1$' loads.txt)" -eq 6 ]
}

@test "the error for a server that does not start has its name and command" {
  programs
  run timeout 60 python3 -c 'from measurement import Server
Server("programs", "weir, epoll, old", "broken", "epoll").start("lines")'
  [ "$status" -eq 1 ]
  [[ $output == "weir, epoll, old: the server does not listen (exit code 3): programs/broken "*" lines epoll" ]]
}
