"""Writes bench/RESULTS.md and its plots, and prints the table on the terminal."""

import datetime
import os
import platform
import subprocess

from goals import ASIO, LIMIT, LIMIT_URING, SIZES, TUNED, weir
from measurement import cost, ratio

BUSY = 0.95  # of a core; below this, the load or waiting limits the messages a second
LINES = (LIMIT, LIMIT_URING, weir("epoll"), weir("io_uring"), ASIO, TUNED, "libuv", "libevent")


def print_all(results):
    for workload, figures in results.tables:
        for line in table_lines(workload, figures):
            print(line)
    for line in goal_lines(results):
        print(line)


def seen_text(seen):
    return str(seen) if hasattr(seen, "middle") else f"{seen:.3f}" if seen < 10 else f"{seen:.0f}"


def goal_lines(results):
    yield "| # | what | measured | goal | |"
    yield "|---|---|---|---|---|"
    for row in results.rows:
        bound = f"{row.bound:.3f}".rstrip("0").rstrip(".")
        yield f"| {row.goal} | {row.what} | {seen_text(row.seen)} | {bound} | {row.verdict} |"


def table_lines(workload, figures):
    base = next(iter(figures.values()))
    has_latency = "p99" in base.rounds[0][0].latency
    yield f"### {workload.title}"
    yield ""
    yield "| server | CPU per message, us | relative to the first server | messages per second | server core busy | load busy |" + (" p50, us | p99, us |" if has_latency else "")
    yield "|---|---|---|---|---|---|" + ("---|---|" if has_latency else "")
    for name, seen in figures.items():
        speed = seen.median(lambda run: run.messages / run.seconds)
        busy = seen.median(lambda run: run.cpu / run.seconds)
        load = seen.median(lambda run: run.load_busy)
        fast = f"{speed:,.0f}" if busy >= BUSY else "-"
        line = f"| {name} | {seen.median(cost) * 1e6:.3f} | {ratio(seen, base)} | {fast} | {busy:.0%} | {load:.0%} |"
        if has_latency:
            line += "".join(f" {seen.median(lambda run: run.latency[what]):.0f} |" for what in ("p50", "p99"))
        yield line
    yield ""


# The part of the results that README.md shows: workloads by their titles, and servers. tests/house/rules.sh checks
# that the rows of README.md are in RESULTS.md.
SHORT = ("64 B, lines, 50 connections x 16", "64 B, lines, 1000 connections x 1", "16 KiB, len32, 8 connections x 1",
         "1 MiB, len32, 8 connections x 1", "64 B, lines, connect, one message, reset; 20 at a time")
SHORT_SERVERS = (weir("epoll"), weir("io_uring"), LIMIT_URING, ASIO, TUNED, "libuv", "libevent")


def short_lines(results):
    yield "| CPU per message, relative to the hand-written server on epoll | " + " | ".join(SHORT_SERVERS) + " |"
    yield "|---" * (len(SHORT_SERVERS) + 1) + "|"
    measured = {workload.title: figures for workload, figures in results.tables}
    for title in SHORT:
        seen = measured[title]
        yield f"| {title} | " + " | ".join(f"{ratio(seen[one], seen[LIMIT]).middle:.2f}" for one in SHORT_SERVERS) + " |"
    yield "| bytes of an idle connection | " + " | ".join(f"{results.idle[one]:,.0f}" for one in SHORT_SERVERS) + " |"


def output_of(*command):
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def machine_lines():
    with open("/proc/cpuinfo") as file:
        model = next((line.split(":")[1].strip() for line in file if line.startswith("model name")), platform.machine())
    packages = ("libasio-dev", "libuv1-dev", "libevent-dev", "liburing-dev")
    versions = output_of("dpkg-query", "-W", "-f", "${Package} ${Version}, ", *packages).rstrip(", ")
    network = "in a network namespace of its own, with Reno" if "WEIR_BENCH_NETWORK" in os.environ else "on the machine's loopback"
    yield f"{model}, {os.cpu_count()} cores, shared with others; Linux {platform.release()}; {network}."
    yield f"{output_of('g++', '--version').splitlines()[0]}, -O3 -DNDEBUG with the hardening flags, for all programs; {versions}."


def write(folder, results):
    today = datetime.date.today().isoformat()
    lines = ["# What bench/compare printed", "", f"`bench/compare`, {today}: {results.effort.rounds} rounds of two runs of "
             f"{results.effort.seconds:g} s for each server. [README.md](README.md) describes the programs and the method.", "",
             *machine_lines(), "", "## In short", "", *short_lines(results), "", "## The goals", "", *goal_lines(results), "", "## Memory of an idle connection", "",
             "User memory, in bytes:", "", "| server | bytes |", "|---|---|",
             *(f"| {name} | {count:,.0f} |" for name, count in results.idle.items()), "", "## All servers", ""]
    for workload, figures in results.tables:
        lines += table_lines(workload, figures)
    lines += ["## Plots", "", "![CPU per message by message size](cost.svg)", "![messages per second by number of connections](throughput.svg)",
              "![memory by number of connections](memory.svg)", ""]
    with open(os.path.join(folder, "RESULTS.md"), "w") as file:
        file.write("\n".join(lines))
    plot_cost(folder, results)
    for column, name, what in ((1, "throughput", "messages a second"), (2, "memory", "bytes of user memory")):
        curves = [(server, [(point[0], point[column]) for point in points]) for server, points in results.over_connections.items()]
        plot(os.path.join(folder, f"{name}.svg"), "an echo of 64 B lines, one message a connection under way", "connections", what, curves)


def plot(path, title, x, y, curves):
    """`curves` has tuples (name, [(x, y)])."""
    program = [f'set terminal svg noenhanced size 900,500 background "white"; set output "{path}"; set title "{title}"',
               f'set xlabel "{x}"; set ylabel "{y}"; set logscale xy; set format "%.0s%c"; set key outside right; set grid',
               "plot " + ", ".join(f'"-" with linespoints linewidth 1.5 title "{name}"' for name, _ in curves)]
    for _, points in curves:
        program += [f"{a} {b}" for a, b in points] + ["e"]
    subprocess.run(["gnuplot"], input="\n".join(program), text=True, check=True)


def plot_cost(folder, results):
    sizes = {name: size for size, name in SIZES}
    curves = {name: [] for name in LINES}
    for workload, figures in results.tables:
        name = workload.title.split(",")[0]
        if workload.connections != 8 or workload.framing != "len32" or name not in sizes:
            continue
        for server, seen in figures.items():
            if server in curves:
                curves[server].append((sizes[name], seen.median(cost) * 1e6))
    plot(os.path.join(folder, "cost.svg"), "an echo of len32 messages, 8 connections", "bytes of a message",
         "microseconds of server CPU", [(name, points) for name, points in curves.items() if points])
