"""The workloads, and the goal of weir for each: the rows P1 to P13, and T1 to T7 over TLS."""

import os
import re
import subprocess
import sys
import time

from measurement import NOISE, Estimate, Load, Server, Workload, control, cost, idle_bytes, measure, ratio, seal_and_open


class Effort:
    def __init__(self, rounds, seconds, idle):
        self.rounds, self.seconds, self.idle = rounds, seconds, idle


CLAIM = Effort(15, 0.15, 1)
LOOK = Effort(8, 0.15, 1)
SMOKE = Effort(1, 0.02, 0.01)

LIMIT, LIMIT_URING = "by hand, epoll", "by hand, io_uring"
ASIO, TUNED = "Asio, coroutines", "Asio, tuned"


def weir(backend):
    return f"weir, {backend}"


def callbacks(backend):
    return f"weir callbacks, {backend}"


BACKENDS = ("epoll", "io_uring")
FRAMINGS = ("lines", "len32")


def all_servers(folder):
    made = [Server(folder, LIMIT, "limit_epoll"), Server(folder, LIMIT_URING, "limit_uring")]
    made += [Server(folder, weir(one), "weir_plain", one) for one in BACKENDS]
    made += [Server(folder, callbacks(one), "weir_callbacks", one) for one in BACKENDS]
    made += [Server(folder, ASIO, "asio_plain"), Server(folder, TUNED, "asio_tuned")]
    made += [Server(folder, "libuv", "libuv"), Server(folder, "libevent", "libevent")]
    return [one for one in made if os.path.exists(one.command[0])]


SIZES = ((16, "16 B"), (64, "64 B"), (256, "256 B"), (1 << 10, "1 KiB"), (4 << 10, "4 KiB"), (16 << 10, "16 KiB"),
         (64 << 10, "64 KiB"), (256 << 10, "256 KiB"), (1 << 20, "1 MiB"))
LARGE = (16 << 10, 256 << 10, 1 << 20)


def small(framing, connections, depth):
    return Workload(f"64 B, {framing}, {connections} connections x {depth}", framing, 64, connections, "closed", depth)


def sized(framing, size, name):
    """Returns the workload. The largest payload that the default limit of weir allows is 1 MiB."""
    return Workload(f"{name}, {framing}, 8 connections x 1", framing, size, 8, "closed", 1)


def busy_ones(backend):
    return Workload(f"64 B, lines, 50 x 1 beside idle ones, {backend}", "lines", 64, 50, "closed", 1)


def open_at(rate):
    return Workload(f"64 B, lines, 50 connections, open loop of {rate:,.0f} a second", "lines", 64, 50, "open", rate)


CHURN = Workload("64 B, lines, connect, one message, reset; 20 at a time", "lines", 64, 20, "churn")


def p99(run):
    return run.latency["p99"]


def to_all(size, name):
    return Workload(f"{name}, len32, each message to 1,000 connections", "len32", size, 1000, "fan", times=4)


P99_NOISE = 0.1  # a claim about the 99th percentile needs a control within this


class Row:
    """A goal, the measured value, and whether the goal was reached."""

    def __init__(self, goal, what, seen, bound, off=0.0):
        self.goal, self.what, self.bound, self.off = goal, what, bound, off
        self.seen = seen
        middle = getattr(seen, "middle", seen)
        self.is_reached = abs(off) <= NOISE and middle <= bound
        if abs(off) > NOISE:
            self.verdict = f"too noisy: the control is off by {off:+.1%}"
        else:
            self.verdict = "reached" if self.is_reached else "missed"


class Results:
    def __init__(self, effort):
        self.effort = effort
        self.rows = []
        self.tables = []  # (workload, figures)
        self.over_connections = {}  # by server: (connections, messages a second, bytes of the process)
        self.idle = {}    # user memory of an idle connection, by server

    def row(self, *what):
        self.rows.append(Row(*what))


def say(text):
    print(text, file=sys.stderr, flush=True)


def table(folder, results, workload, servers, again=2, controls=None):
    """Returns the Figures by server, and the largest control: of the first server, or of the servers in `controls`.
    Measures again, at most `again` times, when the machine was too noisy."""
    for left in reversed(range(again + 1)):
        began = time.monotonic()
        figures = measure(folder, servers, workload, results.effort.rounds, results.effort.seconds)
        off = max((control(figures[name]).middle - 1 for name in controls or [servers[0].name]), key=abs)
        say(f"{workload.title}: {time.monotonic() - began:.0f} s, control {off:+.1%}")
        if abs(off) <= NOISE or left == 0 or results.effort is SMOKE:
            break
    results.tables.append((workload, figures))
    return figures, off


def named(servers, *names):
    return [one for name in names for one in servers if one.name == name]


def small_messages(folder, results, servers, wants):
    """Measures P1, P2, P3 and P5."""
    for framing in FRAMINGS:
        if wants("P1") or wants("P2") or wants("P5"):
            seen, off = table(folder, results, small(framing, 50, 16), servers)
            for backend in BACKENDS:
                what = f"{framing}, 50 x 16, {backend}"
                results.row("P1", what, ratio(seen[weir(backend)], seen[LIMIT]), 1.05, off)
                if ASIO in seen:
                    results.row("P2", what, ratio(seen[weir(backend)], seen[ASIO]), 1 / 8, off)
                results.row("P5", what, ratio(seen[weir(backend)], seen[callbacks(backend)]), 1.05, off)
        if wants("P3") or wants("P5"):
            for connections in 50, 1000:
                seen, off = table(folder, results, small(framing, connections, 1), servers)
                for backend in BACKENDS:
                    what = f"{framing}, {connections} x 1, {backend}"
                    results.row("P3", what, ratio(seen[weir(backend)], seen[LIMIT]), 1.03, off)
                    if connections == 50:
                        results.row("P5", what, ratio(seen[weir(backend)], seen[callbacks(backend)]), 1.05, off)


def sizes(folder, results, servers, wants):
    """Measures P4 and P11."""
    compared = named(servers, LIMIT, LIMIT_URING, weir("epoll"), weir("io_uring"), ASIO, TUNED, "libuv", "libevent")
    for framing in FRAMINGS:
        for size, name in SIZES:
            is_large = size in LARGE
            if not wants("P11") and not (wants("P4") and is_large):
                continue
            seen, off = table(folder, results, sized(framing, size, name),
                              compared if framing == "len32" or is_large else compared[:4])
            if is_large:
                for backend in BACKENDS:
                    results.row("P4", f"{framing}, {name}, {backend}", ratio(seen[weir(backend)], seen[LIMIT]), 1.10, off)
            results.row("P11", f"{framing}, {name}", ratio(seen[weir("io_uring")], seen[weir("epoll")]), 1.05, off)


STRACED = 1000  # the least number of messages


def system_calls(folder, results, servers):
    """Measures P6."""
    calls, messages = calls_counted(folder, next(one for one in servers if one.name == weir("io_uring")))
    entered = calls.pop("io_uring_enter", 0) / messages
    others = sum(calls.values())
    results.row("P6", f"calls of io_uring_enter per message at depth 1; {others} of recv, send and epoll_wait in {messages} messages",
                entered + others / messages, 1.05)


def calls_counted(folder, server):
    """Counts with strace(1) the calls of a server that answers STRACED messages or more of one connection.
    Returns (calls by name, messages)."""
    counted = os.path.join(folder, "strace.txt")
    command = server.command
    server.command = ["strace", "-f", "-c", "-o", counted, *command]
    try:
        server.start("lines")
        load = Load(folder, server, "lines", 64, 1)
        load.run("connect")
        messages = 0
        while messages < STRACED:
            messages += load.run("closed", 0.2, 1)["messages"]
        load.stop()
        subprocess.run(["pkill", "-TERM", "-P", str(server.process.pid)], check=False)
        server.process.wait()
    finally:
        server.command = command
    calls = {}
    with open(counted) as file:
        for line in file:
            found = re.match(r" *[\d.]+ +[\d.]+ +\d+ +(\d+) (?: *\d+)? *(\w+)$", line)
            if found:
                calls[found[2]] = int(found[1])
    asked = ("io_uring_enter", "recvfrom", "recvmsg", "sendto", "sendmsg", "epoll_wait", "epoll_pwait2")
    return {one: calls[one] for one in asked if one in calls}, messages


def memory(folder, results, servers):
    """Measures P7."""
    count = max(100, int(15_000 * results.effort.idle))
    bare = Server(folder, "accepts only", "accept_only")
    results.idle[bare.name] = floor = idle_bytes(folder, bare, count, answers=False)
    for server in servers:
        results.idle[server.name] = idle_bytes(folder, server, count)
    for backend in BACKENDS:
        results.row("P7", f"bytes of an idle connection, {count} of them, {backend}", results.idle[weir(backend)] - floor, 512)


def idle_beside_busy(folder, results, servers):
    """Measures P8."""
    count = max(10, int(10_000 * results.effort.idle))
    for backend in BACKENDS:
        plain = next(one for one in servers if one.name == weir(backend))
        crowded = Server(folder, f"{weir(backend)}, {count} idle", "weir_plain", backend, idle=count)
        seen, off = table(folder, results, busy_ones(backend), [plain, crowded])
        results.row("P8", f"{count} idle beside 50 busy, {backend}", ratio(seen[crowded.name], seen[plain.name]), 1.03, off)


def open_loop(folder, results, servers):
    """Measures P9, at half of the rate that the limit can serve at depth 1."""
    compared = named(servers, LIMIT, LIMIT_URING, weir("epoll"), weir("io_uring"), ASIO, TUNED, "libuv", "libevent")
    rate = half_of_the_limit(folder, results, servers)
    seen, _ = table(folder, results, open_at(rate), compared)
    off = control(seen[LIMIT], p99).middle - 1
    for backend in BACKENDS:
        results.row("P9", f"p99 at {rate:,.0f} a second, {backend}", ratio(seen[weir(backend)], seen[LIMIT], p99), 1.25,
                    off if abs(off) > P99_NOISE else 0)


def half_of_the_limit(folder, results, servers):
    """Returns half of the rate that the limit can serve, in messages a second."""
    seen = measure(folder, named(servers, LIMIT), small("lines", 50, 1), 3, results.effort.seconds)
    capacity = seen[LIMIT].median(lambda run: run.messages / run.cpu)
    return round(capacity / 2, -3)


def churn(folder, results, servers):
    """Measures P10."""
    seen, off = table(folder, results, CHURN, servers)
    for backend in BACKENDS:
        results.row("P10", f"connect, one message, close, {backend}", ratio(seen[weir(backend)], seen[LIMIT]), 1.05, off)


def fan_out(folder, results, _):
    """Measures P12: the cost of a message is the sum of the costs of its deliveries."""
    by_hand = Server(folder, LIMIT, "fan_epoll")
    for size, name in (64, "64 B"), (64 << 10, "64 KiB"):
        compared = [by_hand, *(Server(folder, weir(one), "weir_fan", one) for one in BACKENDS)]
        seen, off = table(folder, results, to_all(size, name), compared)
        for backend in BACKENDS:
            results.row("P12", f"{name} to 1,000, {backend}", ratio(seen[weir(backend)], seen[LIMIT]), 1.10, off)


class MainThread(Server):
    """A server for which only the CPU time of its main thread counts, which runs the loop."""

    def cpu_nanoseconds(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/schedstat") as file:
            return int(file.read().split()[0])


def watched(folder, results, _):
    """Measures P13: another thread reads the counters a thousand times a second without a cost for the loop."""
    for backend in BACKENDS:
        alone, read = (MainThread(folder, f"{weir(backend)}, read {times} times a second", "weir_watched", backend, str(times))
                       for times in (0, 1000))
        seen, off = table(folder, results, small("lines", 50, 1), [alone, read])
        results.row("P13", f"counters read 1,000 times a second, {backend}", ratio(seen[read.name], seen[alone.name]), 1.005, off)


# ---- TLS ----

LIMIT_TLS, ASIO_TLS = "by hand, TLS", "Asio, ssl::stream"
SEALED = {"lines": 65, "len32": 68}  # bytes of a frame that carries 64 B


def weir_tls(backend):
    return f"weir::tls, {backend}"


def tls_servers(folder):
    made = [Server(folder, LIMIT_TLS, "limit_tls", tls=True)]
    made += [Server(folder, weir_tls(one), "weir_tls", one, tls=True) for one in BACKENDS]
    made += [Server(folder, ASIO_TLS, "asio_tls", tls=True)]
    return [one for one in made if os.path.exists(one.command[0])]


def over_tls(workload):
    workload.title = f"TLS, {workload.title}"
    return workload


def handshakes(kind, name):
    return Workload(f"TLS, 64 B, lines, connect, {name} handshake, one message, close; 20 at a time", "lines", 64, 20, kind, times=2)


def tls_small_messages(folder, results, servers, wants):
    """Measures T1, T2, T3 and T7. The same rounds include the limit without TLS."""
    for framing in FRAMINGS:
        for depth, goal, bound in (16, "T1", 1.10), (1, "T3", 1.05):
            if not wants(goal) and not wants("T7") and not (wants("T2") and depth == 16):
                continue
            seen, off = table(folder, results, over_tls(small(framing, 50, depth)), [*servers, Server(folder, LIMIT, "limit_epoll")])
            for backend in BACKENDS:
                what = f"TLS, {framing}, 50 x {depth}, {backend}"
                results.row(goal, what, ratio(seen[weir_tls(backend)], seen[LIMIT_TLS]), bound, off)
                if depth == 16 and ASIO_TLS in seen:
                    results.row("T2", what, ratio(seen[weir_tls(backend)], seen[ASIO_TLS]), 1 / 4, off)
            turn = seal_and_open(folder, depth * SEALED[framing], 50, results.effort.rounds, results.effort.seconds)
            results.row("T7", f"TLS by hand, {framing}, 50 x {depth}: to the plain limit + 1.1 x {turn / depth * 1e6:.3f} us",
                        above_openssl(seen, 1.1 * turn / depth), 1, off)


def above_openssl(seen, more):
    """Returns the cost of the TLS limit over that of the plain limit plus `more` seconds a message."""
    return Estimate([tls / (plain + more) for tls, plain in zip(seen[LIMIT_TLS].of(cost), seen[LIMIT].of(cost))])


def tls_sizes(folder, results, servers, wants):
    """Measures T4."""
    for framing in FRAMINGS:
        for size, name in (16 << 10, "16 KiB"), (1 << 20, "1 MiB"):
            if not wants("T4"):
                continue
            seen, off = table(folder, results, over_tls(sized(framing, size, name)), servers)
            for backend in BACKENDS:
                results.row("T4", f"TLS, {framing}, {name}, {backend}", ratio(seen[weir_tls(backend)], seen[LIMIT_TLS]), 1.10, off)


def tls_handshakes(folder, results, servers, wants):
    """Measures T5: with the same CPU time, weir must do 0.95 of the limit's handshakes."""
    for kind, name in ("churn", "full"), ("resumed", "resumed"):
        if not wants("T5"):
            continue
        seen, off = table(folder, results, handshakes(kind, name), servers)
        for backend in BACKENDS:
            results.row("T5", f"{name} handshake, one message, close, {backend}", ratio(seen[weir_tls(backend)], seen[LIMIT_TLS]), 1 / 0.95, off)


def tls_memory(folder, results, servers, wants):
    """Measures T6: the memory of an idle connection beyond OpenSSL's objects. The limit has 100 bytes of it."""
    if not wants("T6"):
        return
    count = max(50, int(2_000 * results.effort.idle))
    for server in servers:
        results.idle[server.name] = idle_bytes(folder, server, count)
    for backend in BACKENDS:
        results.row("T6", f"TLS, bytes of an idle connection, {count} of them, {backend}",
                    results.idle[weir_tls(backend)] - results.idle[LIMIT_TLS], 1024)


def over_tls_all(folder, results, wants, is_asked_for):
    servers = tls_servers(folder)
    if weir_tls(BACKENDS[0]) not in [one.name for one in servers]:
        if is_asked_for:
            raise SystemExit("bench/compare: T1 to T7 need a build with TLS (WEIR_TLS)")
        say("TLS: not measured, this build has none (WEIR_TLS)")
        return
    for what in tls_small_messages, tls_sizes, tls_handshakes, tls_memory:
        what(folder, results, servers, wants)


COUNTS = (1, 10, 100, 1000, 5000, 15000)


def many_connections(folder, results, servers):
    """Measures throughput and memory over the number of connections, each with one message under way, for the plots."""
    for server in servers:
        for count in COUNTS:
            if count * results.effort.idle < 1 and count != 1:
                continue
            results.over_connections.setdefault(server.name, []).append(
                (count, *crowd(folder, server, max(1, int(count * results.effort.idle)), results.effort.seconds)))


def crowd(folder, server, count, seconds):
    """Returns the messages a second, and the bytes of the process."""
    server.start("lines")
    try:
        load = Load(folder, server, "lines", 64, count)
        load.run("closed", seconds, 1)
        told = load.run("closed", 3 * seconds, 1)
        load.stop()
        return told["messages"] / told["seconds"], server.private_bytes()
    finally:
        server.stop()


PLAIN_GOALS = tuple(f"P{number}" for number in range(1, 14))
TLS_GOALS = tuple(f"T{number}" for number in range(1, 8))
GOALS = PLAIN_GOALS + TLS_GOALS


def measure_all(folder, effort, only):
    results = Results(effort)
    servers = all_servers(folder)

    def wants(goal):
        return not only or goal in only

    small_messages(folder, results, servers, wants)
    sizes(folder, results, servers, wants)
    for goal, what in (("P6", system_calls), ("P7", memory), ("P8", idle_beside_busy), ("P9", open_loop), ("P10", churn),
                       ("P12", fan_out), ("P13", watched)):
        if wants(goal):
            what(folder, results, servers)
    if any(map(wants, TLS_GOALS)):
        over_tls_all(folder, results, wants, bool(only))
    if not only:
        say("throughput and memory over the number of connections")
        many_connections(folder, results, named(servers, LIMIT, LIMIT_URING, weir("epoll"), weir("io_uring"), ASIO, TUNED, "libuv",
                                                "libevent"))
    if only:
        results.rows = [row for row in results.rows if row.goal in only]
    results.rows.sort(key=lambda row: GOALS.index(row.goal))
    return results
