"""Runs the servers and the load, and estimates how reliable the results are.

A server has one core, and the load has another. Servers are compared within rounds. Each round is a palindrome, such as
A B C C B A, so that a drift of the machine affects all servers alike. A ratio compares the sums of one round. Its
estimate is the median over the rounds, with a 95% bootstrap interval. The control compares the first server with
itself: the second run of a round with the first one. If the control is off by more than NOISE, nothing is claimed.
"""

import contextlib
import json
import os
import random
import signal
import socket
import statistics
import subprocess
import time

NOISE = 0.02
SERVER_CORE, LOAD_CORE = 0, 1


class Server:
    def __init__(self, folder, name, program, *more, idle=0, tls=False):
        self.name, self.idle, self.tls = name, idle, tls
        self.command = [os.path.join(folder, program)]
        self.more = list(more)
        self.process = None

    def start(self, framing):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        command = [*self.command, str(self.port), framing, *self.more]
        self.process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}))
        for _ in range(500):
            if self.process.poll() is not None:
                break
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            time.sleep(0.01)
        raise SystemExit(f"{self.name}: the server does not listen (exit code {self.process.poll()}): {' '.join(command)}")

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def cpu_nanoseconds(self):
        total = 0
        tasks = f"/proc/{self.process.pid}/task"
        for task in os.listdir(tasks):
            with open(f"{tasks}/{task}/schedstat") as file:
                total += int(file.read().split()[0])
        return total

    def private_bytes(self):
        """Returns the memory that no other process shares (written pages), without kernel memory."""
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            return sum(int(line.split()[1]) for line in file if line.startswith("Private_")) * 1024


class Load:
    def __init__(self, folder, server, framing, size, connections):
        self.process = subprocess.Popen(
            [os.path.join(folder, "load"), str(server.port), framing, str(size), str(connections), *(["--tls"] if server.tls else [])],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            preexec_fn=lambda: os.sched_setaffinity(0, {LOAD_CORE}))
        self.process.stdout.readline()

    def run(self, *words):
        self.process.stdin.write(" ".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        answer = self.process.stdout.readline()
        if not answer:
            raise SystemExit(f"the load has failed, exit code {self.process.wait()}")
        return json.loads(answer)

    def stop(self):
        self.process.kill()
        self.process.wait()


class Workload:
    """The number of connections, the size of a message, and how messages are sent: the words of a run of the load.
    A run is `times` as long as the runs of other workloads."""

    def __init__(self, title, framing, size, connections, kind, amount=0, times=1):
        self.title, self.framing, self.size, self.connections = title, framing, size, connections
        self.kind, self.amount, self.times = kind, amount, times


class Run:
    def __init__(self, told, cpu):
        self.messages, self.seconds, self.load_busy = told["messages"], told["seconds"], told["busy"]
        self.latency = {name: told[name] for name in ("p50", "p99", "p999") if name in told}
        self.cpu = cpu / 1e9

    @property
    def cost(self):  # CPU seconds of the server per message
        return self.cpu / max(1, self.messages)


class Figures:
    """All runs of a server: a list of rounds with two runs each (before and after the turning point)."""

    def __init__(self):
        self.rounds = []

    def of(self, value):
        return [sum(map(value, pair)) / len(pair) for pair in self.rounds]

    def median(self, value):
        return statistics.median(self.of(value))


class Estimate:
    def __init__(self, values):
        self.middle = statistics.median(values)
        choose = random.Random(1)
        drawn = sorted(statistics.median(choose.choices(values, k=len(values))) for _ in range(2000))
        self.low, self.high = drawn[50], drawn[-51]

    def __str__(self):
        return f"{self.middle:.3f} [{self.low:.3f}, {self.high:.3f}]"


def cost(run):
    return run.cost


def ratio(figures, base, value=cost):
    return Estimate([a / b for a, b in zip(figures.of(value), base.of(value))])


def control(figures, value=cost):
    return Estimate([value(second) / value(first) for first, second in figures.rounds])


def measure(folder, servers, workload, rounds, seconds):
    """Returns the Figures of each server, by its name."""
    with contextlib.ExitStack() as ends:
        loads = {}
        for server in servers:
            server.start(workload.framing)
            ends.callback(server.stop)
            if server.idle:  # connections in addition to those of the workload
                idle = Load(folder, server, workload.framing, 64, server.idle)
                ends.callback(idle.stop)
                idle.run("connect")
            load = Load(folder, server, workload.framing, workload.size, workload.connections)
            ends.callback(load.stop)
            if workload.kind == "fan":  # all connections must be accepted before a message is sent to all
                load.run("connect")
                time.sleep(0.5)
            loads[server.name] = load

        def run(server, length):
            before = server.cpu_nanoseconds()
            told = loads[server.name].run(workload.kind, length * workload.times, workload.amount)
            return Run(told, server.cpu_nanoseconds() - before)

        for server in servers:
            run(server, seconds)  # a warm-up, in which buffers reach their size
        all_figures = {server.name: Figures() for server in servers}
        for _ in range(rounds):
            first = [run(server, seconds) for server in servers]
            second = [run(server, seconds) for server in reversed(servers)][::-1]
            for server, *pair in zip(servers, first, second):
                all_figures[server.name].rounds.append(pair)
        return all_figures


def seal_and_open(folder, size, connections, times, seconds):
    """Returns the CPU seconds in which OpenSSL seals and opens `size` bytes, as the median of `times` runs."""
    command = [os.path.join(folder, "seal_and_open"), str(size), str(seconds), str(connections)]

    def once():
        done = subprocess.run(command, check=True, stdout=subprocess.PIPE, preexec_fn=lambda: os.sched_setaffinity(0, {SERVER_CORE}))
        told = json.loads(done.stdout)
        return told["seconds"] / told["messages"]
    return statistics.median(once() for _ in range(times))


def idle_bytes(folder, server, connections, answers=True):
    """Returns the user memory of one idle connection. A server that answers first serves ten other connections."""
    server.start("lines")
    try:
        load = Load(folder, server, "lines", 64, connections)
        small = Load(folder, server, "lines", 64, 10)
        try:
            if answers:
                small.run("closed", 0.05, 1)
                time.sleep(0.2)
            before = server.private_bytes()
            load.run("connect")
            time.sleep(1)
            return (server.private_bytes() - before) / connections
        finally:
            load.stop()
            small.stop()
    finally:
        server.stop()
