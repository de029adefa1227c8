#!/usr/bin/env bats
# weir serve --held: resident memory while peers send large messages and read no reply. tests/full/held.sh does the same
# with thousands of peers, in a cgroup.

# shellcheck disable=SC2154 # helper.bash sets port and server
setup() { load helper; }

figure() { sed -E "s/.*\b$1 ([0-9]+).*/\1/" figures; }

@test "with peers that read no reply, the server stays within --held, and a good client is served" {
  local backend
  for backend in epoll io_uring; do
    start_server 127.0.0.1:0 -f len32 --held 16MiB --threads 1 --max-per-source none --backend "$backend"
    timeout 60 python3 "$BATS_TEST_DIRNAME/held_attack.py" "$port" "$server" 100 3 >figures 3>&- 8>&- 9>&-
    cat figures
    # The limit of --held, 64 KiB for each partial message, and 32 MiB for everything else.
    (($(figure peak_kib) <= (16 + 32) * 1024 + 100 * 64))
    (($(figure rest_kib) <= 64 * 1024))
    (($(figure good) >= 30 && $(figure failed) == 0))
    (($(figure sent) >= 20))
    stop_server
  done
}

@test "a --held that is too small for one message is an error" {
  run weir serve 127.0.0.1:0 -f len32 --held 1MiB
  [ "$status" -eq 2 ]
  [[ $output == 'weir: --held "1MiB": a message of 1 MiB needs twice its size, once received and once as the reply; raise --held, or set a smaller max= in the framing' ]] || { echo "$output"; false; }
  run weir serve 127.0.0.1:0 -f len32 --held 8MiB --threads 8
  [ "$status" -eq 2 ]
  [[ $output == *"on each of 8 loops"* ]] || { echo "$output"; false; }
}
