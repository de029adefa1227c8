#!/usr/bin/env bats
# weir connect with a large message: resident memory grows by at most the message and 1 MiB, in every form of input and
# output.

setup() {
  load helper
  if grep -q __asan_init "$WEIR"; then skip "AddressSanitizer has memory of its own"; fi
}

# Runs Python code with `within(direction, mib, options...)`: sends or receives messages of `mib` MiB after a small one.
# Compares the growth of the peak of resident memory with the size of one message.
measure() {
  timeout 120 python3 - "$WEIR" "$1" 3>&- <<'END'
import os, socket, subprocess, sys, threading
part = b"6" * (1 << 20)
def write(to, form, units):  # writes a message of `units` MiB, or a small one for 0
    if form.startswith("len32"): to((units * len(part) or 7).to_bytes(4, "big"))
    if units == 0: to(b"7777777".hex().encode() if form == "hex" else b"7777777")
    for _ in range(units * (2 if form == "hex" else 1)): to(part)
    if not form.startswith("len32"): to(b"\n")
def within(direction, mib, *options, times=1):
    s = socket.socket()
    s.bind(("127.0.0.1", 0))
    s.listen()
    p = subprocess.Popen([sys.argv[1], "connect", f"127.0.0.1:{s.getsockname()[1]}", *options],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    c, _ = s.accept()
    frame = options[options.index("-f") + 1]
    form = options[options.index("--in") + 1] if "--in" in options else "lines"
    small = threading.Semaphore(0)
    def read_output():
        last = b""
        while got := os.read(p.stdout.fileno(), 1 << 16):
            last = (last + got)[-len(got) - 20:]
            if b"7777777" in last or b"7777777".hex().encode() in last:
                small.release()
                last = b""
    threading.Thread(target=read_output).start()
    def receive_frame(size):
        size += 4 if frame.startswith("len32") else 1
        while size > 0: size -= len(c.recv(min(size, 1 << 20)))
    def exchange_small():
        write(p.stdin.write, form, 0)
        p.stdin.flush()
        receive_frame(7)
        write(c.sendall, frame, 0)
        assert small.acquire(timeout=30)
    def peak():
        with open(f"/proc/{p.pid}/status") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM"))
    exchange_small()
    before = peak()
    for _ in range(times):
        if direction == "send":
            def send():
                write(p.stdin.write, form, mib)
                p.stdin.flush()
            sends = threading.Thread(target=send)
            sends.start()
            receive_frame(mib << 20)
            sends.join()
        else:
            write(c.sendall, frame, mib)
    exchange_small()
    grown = peak() - before
    p.stdin.close()
    c.close()
    p.wait(30)
    print(direction, mib, *options, "grew by", grown, "KiB")
    assert (mib << 10) * 0.9 <= grown <= (mib << 10) + 1024, grown
exec(sys.argv[2])
END
}

backends() {
  echo epoll
  "$WEIR" connect unix:nowhere -f lines --backend io_uring </dev/null 2>&1 | grep -q "no such file" && echo io_uring
}

@test "a message of 64 MiB is in memory once when it is sent, in every form of the input" {
  for backend in $(backends); do
    measure "within('send', 64, '-f', 'len32,max=1GiB', '--backend', '$backend', '--in', 'lines,max=1GiB')"
  done
  measure "
within('send', 64, '-f', 'lines,max=1GiB', '--in', 'hex')
within('send', 64, '-f', 'len32,max=1GiB', '--in', 'len32,max=1GiB')
"
}

@test "a message of 64 MiB is in memory once when it is received, in every form of the output" {
  for backend in $(backends); do
    measure "within('receive', 64, '-f', 'len32,max=1GiB', '--backend', '$backend', '--out', 'hex')"
  done
  measure "
within('receive', 64, '-f', 'lines,max=1GiB')
within('receive', 64, '-f', 'len32,max=1GiB', '--out', 'netstring,max=1GiB')
within('receive', 64, '-f', 'lines,max=1GiB', '--json')
"
}

@test "only one of several messages is in memory at a time" {
  measure "
within('send', 12, '-f', 'len32,max=1GiB', '--in', 'lines,max=1GiB', times=4)
within('receive', 12, '-f', 'len32,max=1GiB', times=4)
"
}
