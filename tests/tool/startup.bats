#!/usr/bin/env bats
# A server that lacks descriptors or system calls at its start either serves, or ends with an error before it reports
# that it listens.

setup() { load helper; }

# refusing NUMBER[:SECOND] ERRNO COMMAND...: runs the command, by exec, under a seccomp filter that refuses the system
# call NUMBER, or only those with the second argument SECOND. On every machine 425 to 427 are io_uring_setup,
# io_uring_enter and io_uring_register.
refusing() {
  exec python3 -c '
import ctypes, errno, os, struct, sys
number, _, second = sys.argv[1].partition(":")
def step(code, jump_true, jump_false, value): return struct.pack("HBBI", code, jump_true, jump_false, value)
def refuse(): return step(0x06, 0, 0, 0x00050000 | getattr(errno, sys.argv[2]))
load, equal, allow = 0x20, 0x15, step(0x06, 0, 0, 0x7fff0000)
steps = [step(load, 0, 0, 0), step(equal, 0, 3 if second else 1, int(number))]
if second: steps += [step(load, 0, 0, 24), step(equal, 0, 1, int(second))]
steps += [refuse(), allow]
program = ctypes.create_string_buffer(b"".join(steps))
header = struct.pack("HxxxxxxQ", len(steps), ctypes.addressof(program))
prctl = ctypes.CDLL(None, use_errno=True).prctl
assert prctl(38, 1, 0, 0, 0) == 0 and prctl(22, 2, header) == 0, ctypes.get_errno()
os.execvp(sys.argv[3], sys.argv[3:])' "$@"
}

start_refused() {  # start_refused CALL ERRNO OPTION...: as start_server, under the filter of refusing()
  local call=$1 number=$2
  shift 2
  : >server.err
  refusing "$call" "$number" "$WEIR" serve 127.0.0.1:0 -f lines "$@" >server.out 2>server.err 3>&- 8>&- 9>&- </dev/null &
  server=$!
  started+=("$server")
  until_true listening_or_gone
  port=$(sed -nE 's/^weir serve: listening on .*:([0-9]+) .*$/\1/p' server.err)
}

@test "if io_uring is forbidden or lacks an operation, epoll is used; with --backend io_uring it is an error" {
  local call number name
  for call in 426 427 427:22 427:12; do
    name=$([ "$call" = 426 ] && echo io_uring_enter || echo io_uring_register)
    for number in EPERM ENOSYS; do
      start_refused "$call" "$number"
      grep -q "^weir serve: io_uring cannot be used, so weir uses epoll: $name" server.err
      raw 'c.sendall(b"a\n"); assert exactly(2) == b"a\n"'
      stop_server
      [ "$code" -eq 0 ]
      start_refused "$call" "$number" --backend io_uring
      end_of "$server"
      [ "$code" -eq 1 ]
      grep -q "^weir serve: $name" server.err
      ! grep -q "listening on" server.err
    done
  done
  run refusing 426 EPERM "$WEIR" connect 127.0.0.1:9 -f lines --backend io_uring </dev/null
  [ "$status" -eq 1 ]
  [[ $output == "weir: io_uring_enter: "* ]]
}

@test "with any limit on descriptors the server works, or ends with an error before it reports that it listens" {
  timeout 120 python3 - "$WEIR" 3>&- 8>&- 9>&- <<'END'
import concurrent.futures, os, re, resource, signal, socket, subprocess, sys
weir = sys.argv[1]
def one(case):
    most, threads, backend = case
    command = [weir, "serve", "127.0.0.1:0", "-f", "lines", "--threads", str(threads), "--backend", backend]
    few = lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    server = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, preexec_fn=few)
    said = b""
    for line in server.stderr:
        said += line
        if b"listening on" in line: server.send_signal(signal.SIGTERM)
    code = server.wait()
    if b"listening on" in said: return case, code == 0, said
    if b"error while loading shared libraries" in said: return case, most < 6, said  # weir has not started yet
    return case, code == 1 and (b"file descriptors" in said), said
cases = [(most, threads, backend) for most in range(3, 41) for threads in (1, 4, 64) for backend in ("io_uring", "epoll")]
cases += [(256, 64, "io_uring"), (256, 64, "epoll"), (256, 64, "automatic")]
with concurrent.futures.ThreadPoolExecutor(4) as all:
    done = list(all.map(one, cases))
wrong = [each for each in done if not each[1]]
assert not wrong, wrong[:5]
served = [case for case, _, said in done if b"listening on" in said]
assert (40, 4, "io_uring") in served and (40, 4, "epoll") in served and (256, 64, "epoll") in served, served
END
}

@test "if no thread can be started, weir ends with an error and does not abort" {
  local clone=56  # clone(2) of x86-64; 435 is clone3(2) everywhere
  [ "$(uname -m)" = x86_64 ] || clone=220
  local threads
  for threads in 1 4; do
    run refusing $clone EAGAIN bash -c "$(declare -f refusing); refusing 435 EAGAIN \"\$@\"" - \
      "$WEIR" serve 127.0.0.1:0 -f lines --threads "$threads"
    [ "$status" -eq 1 ]
    [[ $output == "weir serve: start a thread: "* ]]
  done
}
