#!/usr/bin/env bash
# unread_log.sh: checks that an unread log does not delay messages. `weir serve -v` gets a flood of connections, and
# each causes two lines of the log. Measures the latency of another client, with standard error on /dev/null and on a
# full pipe. ./check full runs it after the release build.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
python3 - build/check/release/weir "${UNREAD_LOG_SECONDS:-5}" <<'END'
import os, re, signal, socket, statistics, subprocess, sys, threading, time

weir, seconds = sys.argv[1], float(sys.argv[2])
ROUNDS = 5
MOST = 1.25  # the largest ratio of the 99th percentiles with an unread log and without


def full_pipe():
    unread, write_end = os.pipe()
    os.set_blocking(write_end, False)
    try:
        while True:
            os.write(write_end, b"." * 4096)
    except BlockingIOError:
        os.set_blocking(write_end, True)
    return unread, write_end


def port_of(process):
    """Finds the port of the one listening socket of the process, because its log cannot be read."""
    end = time.monotonic() + 10
    while time.monotonic() < end:
        found = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
        for line in found.splitlines():
            if f"pid={process.pid}," in line:
                return int(re.search(r"127\.0\.0\.1:(\d+)", line)[1])
        time.sleep(0.02)
    sys.exit("the server does not listen")


def flood(port, over):
    while not over.is_set():
        with socket.create_connection(("127.0.0.1", port)) as one:
            one.sendall(b"hello\n")
            one.recv(100)


def measure(log):
    """Returns the latencies in microseconds."""
    server = subprocess.Popen([weir, "serve", "127.0.0.1:0", "-f", "lines", "-v", "--max-per-source", "none"],
                              stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=log)
    try:
        port = port_of(server)
        over = threading.Event()
        flooding = threading.Thread(target=flood, args=(port, over))
        flooding.start()
        took = []
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                began = time.perf_counter()
                client.sendall(b"hello\n")
                assert client.recv(100) == b"hello\n"
                took.append((time.perf_counter() - began) * 1e6)
        over.set()
        flooding.join()
        return took
    finally:
        server.send_signal(signal.SIGKILL)
        server.wait()


def percentile(values, share):
    return sorted(values)[int(share * len(values))]


ratios = []
for number in range(ROUNDS):
    with open(os.devnull, "w") as nowhere:
        read = measure(nowhere)
    unread, write_end = full_pipe()
    stuck = measure(write_end)
    os.close(unread)
    os.close(write_end)
    p50, p99 = ([percentile(of, share) for of in (read, stuck)] for share in (0.5, 0.99))
    ratios.append(p99[1] / p99[0])
    print(f"round {number + 1}: {len(read)} and {len(stuck)} messages; p50 {p50[0]:.0f} and {p50[1]:.0f} us; "
          f"p99 {p99[0]:.0f} us read, {p99[1]:.0f} us unread; longest {max(read):.0f} and {max(stuck):.0f} us")
middle = statistics.median(ratios)
print(f"p99 with an unread log over that without: {middle:.3f} (median of {ROUNDS} rounds; at most {MOST})")
sys.exit(middle > MOST)
END
