"""Measures whether the working tree is slower than another commit. weir's servers of both run in the same rounds.

Each pair of servers, old and new, gets the workloads of the goals P1 to P11. Both use the load of the working tree, and
its hand-written limit, whose capacity sets the rate of P9.
"""

import os
import shutil
import subprocess

import goals
from goals import BACKENDS, FRAMINGS, LARGE, P99_NOISE, SIZES, callbacks, p99, weir
from measurement import NOISE, Figures, Server, control, cost, idle_bytes, ratio

SLOWER = 1.01
PROGRAMS = ("weir_plain", "weir_callbacks")
OWN_PROGRAMS = (*PROGRAMS, "limit_epoll", "load")


# The other commit: its sources and its build, in one folder.

class Checkout:
    def __init__(self, top):
        self.top = top
        self.folder = os.path.join(top, "build", "bench-against")
        self.source, self.build = os.path.join(self.folder, "source"), os.path.join(self.folder, "build")
        self.programs = os.path.join(self.build, "bench", "echo")

    def git(self, *words, at=None):
        """Returns the output of git, or None after an error."""
        done = subprocess.run(["git", "-C", at or self.top, *words], capture_output=True, text=True, check=False)
        return done.stdout.strip() if done.returncode == 0 else None

    def resolve(self, commit):
        """Returns the full name of the commit. Exits if it does not exist, or if it has no programs to measure."""
        if self.git("rev-parse", "--git-dir") is None:
            raise SystemExit(f"bench/compare --against {commit}: {self.top} is not a git repository that git can read")
        name = self.git("rev-parse", "--verify", "--quiet", "--end-of-options", commit + "^{commit}")
        if not name:
            raise SystemExit(f"bench/compare --against {commit}: there is no such commit in this repository")
        for program in PROGRAMS:
            path = f"bench/echo/{program}.cc"
            if self.git("cat-file", "-e", f"{name}:{path}") is None:
                first = self.git("log", "--reverse", "--diff-filter=A", "--format=%h", "--", path) or "none"
                raise SystemExit(f"bench/compare --against {commit}: this commit has no {path}, so it cannot be measured; "
                                 f"the first commit that has it: {first.split()[0]}")
        return name

    def holds(self, name):
        """Returns whether the folder holds the sources of this commit, unchanged."""
        return (os.path.isdir(self.source)
                and self.git("rev-parse", "--show-toplevel", at=self.source) == os.path.realpath(self.source)
                and self.git("rev-parse", "HEAD", at=self.source) == name
                and self.git("status", "--porcelain", at=self.source) == "")

    def fetch(self, name):
        """Checks the commit out. Keeps sources and build if they are of this commit; otherwise replaces them."""
        if self.holds(name):
            return
        self.git("worktree", "remove", "--force", self.source)
        shutil.rmtree(self.folder, ignore_errors=True)
        os.makedirs(self.folder)
        # --force is needed because the path may still be registered after build/ was removed.
        made = ["git", "-C", self.top, "worktree", "add", "--force", "--detach", self.source, name]
        done = subprocess.run(made, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"bench/compare: {' '.join(made)}: {done.stderr.strip()}")

    def title(self):
        return self.git("log", "-1", "--format=%h (%s)", at=self.source) or "another commit"


# The measured values, and the verdicts.

def per_message(seconds):
    return f"{seconds * 1e6:.3f} us"


class Comparison:
    """One row: the results of the old and of the new server under one workload, and the verdict."""

    def __init__(self, goal_names, what, old, new, value=cost, text=per_message, noise=NOISE, more="slower"):
        self.goals, self.what = goal_names.split(), what
        self.old, self.new = text(old.median(value)), text(new.median(value))
        self.ratio, self.off = ratio(new, old, value), control(old, value).middle - 1
        self.has_interval = len(old.rounds) > 1
        if abs(self.off) > noise:
            self.verdict = "too noisy to tell"
        else:
            self.verdict = more if self.ratio.low > SLOWER else f"not {more}"
        self.is_good = self.verdict == f"not {more}"

    def line(self):
        seen = self.ratio if self.has_interval else f"{self.ratio.middle:.3f}"
        return f"| {' '.join(self.goals)} | {self.what} | {self.old} | {self.new} | {seen} | {self.off:+.1%} | {self.verdict} |"


def lines(rows):
    yield "| # | what | old | new | new / old | control | |"
    yield "|---|---|---|---|---|---|---|"
    for row in rows:
        yield row.line()
    yield ""
    verdicts = [row.verdict for row in rows]
    yield ", ".join(f"{verdicts.count(one)} {one}" for one in sorted(set(verdicts), key=verdicts.index))


# The workloads.

class Comparing:
    def __init__(self, own, old, effort, only):
        self.own, self.old, self.only = own, old, only
        self.results = goals.Results(effort)

    def wants(self, goal_names):
        return not self.only or not self.only.isdisjoint(goal_names.split())

    def pair(self, name, program, backend, **more):
        return [Server(folder, f"{name}, {side}", program, backend, **more) for folder, side in ((self.old, "old"), (self.own, "new"))]

    def measure(self, workload, asked, value=cost, **how):
        """`asked` has tuples (goals, what, pair of servers). Each wanted one becomes a row; all share the rounds."""
        asked = [one for one in asked if self.wants(one[0])]
        if not asked:
            return
        seen, _ = goals.table(self.own, self.results, workload, [server for _, _, pair in asked for server in pair],
                              controls=[pair[0].name for _, _, pair in asked])
        for goal_names, what, (old, new) in asked:
            self.results.rows.append(Comparison(goal_names, what, seen[old.name], seen[new.name], value, **how))

    def count(self, goal_name, what, pair, counted, text):
        """Makes a row from one round, for a value that is counted and has no interval."""
        if not self.wants(goal_name):
            return
        goals.say(what)
        first = [counted(server) for server in pair]
        second = [counted(server) for server in reversed(pair)][::-1]
        old, new = Figures(), Figures()
        for figures, *both in zip((old, new), first, second):
            figures.rounds.append(both)
        self.results.rows.append(Comparison(goal_name, what, old, new, float, text, more="more"))

    def small_messages(self, framing, connections, depth, plain, of_callbacks):
        asked = []
        for backend in BACKENDS:
            what = f"{framing}, {connections} x {depth}, {backend}"
            asked.append((plain, what, self.pair(weir(backend), "weir_plain", backend)))
            if of_callbacks:
                asked.append((of_callbacks, f"callbacks, {what}", self.pair(callbacks(backend), "weir_callbacks", backend)))
        self.measure(goals.small(framing, connections, depth), asked)

    def plain(self, goal_names, what, workload, backends=BACKENDS, **how):
        self.measure(workload, [(goal_names, f"{what}, {backend}", self.pair(weir(backend), "weir_plain", backend))
                                for backend in backends], **how)

    def sizes(self):
        for framing in FRAMINGS:
            for size, name in SIZES:
                self.plain("P4 P11" if size in LARGE else "P11", f"{framing}, {name}", goals.sized(framing, size, name))

    def system_calls(self):
        def of(server):
            calls, messages = goals.calls_counted(self.own, server)
            return sum(calls.values()) / messages
        for backend in BACKENDS:
            self.count("P6", f"system calls a message at depth 1, {backend}", self.pair(weir(backend), "weir_plain", backend), of,
                       "{:.3f}".format)

    def memory(self):
        count = max(100, int(15_000 * self.results.effort.idle))
        for backend in BACKENDS:
            self.count("P7", f"bytes of an idle connection, {count} of them, {backend}",
                       self.pair(weir(backend), "weir_plain", backend), lambda server: idle_bytes(self.own, server, count), "{:.0f}".format)

    def beside_idle_ones(self):
        count = max(10, int(10_000 * self.results.effort.idle))
        for backend in BACKENDS:
            self.measure(goals.busy_ones(backend), [("P8", f"50 busy beside {count} idle, {backend}",
                                                     self.pair(weir(backend), "weir_plain", backend, idle=count))])

    def open_loop(self):
        if not self.wants("P9"):
            return
        rate = goals.half_of_the_limit(self.own, self.results, [Server(self.own, goals.LIMIT, "limit_epoll")])
        self.plain("P9", f"p99 at {rate:,.0f} a second", goals.open_at(rate), value=p99, noise=P99_NOISE, text="{:.0f} us".format)


def compare(own, old, effort, only):
    """Returns the rows. `own` and `old` are the folders of the programs."""
    all_of_it = Comparing(own, old, effort, only)
    for framing in FRAMINGS:
        all_of_it.small_messages(framing, 50, 16, "P1 P2 P5", "P5")
        all_of_it.small_messages(framing, 50, 1, "P3 P5", "P5")
        all_of_it.small_messages(framing, 1000, 1, "P3", "")
    all_of_it.sizes()
    all_of_it.system_calls()
    all_of_it.memory()
    all_of_it.beside_idle_ones()
    all_of_it.open_loop()
    all_of_it.plain("P10", "connect, one message, close", goals.CHURN)
    return all_of_it.results.rows
