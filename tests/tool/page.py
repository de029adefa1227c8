"""Compares a page of docs/ and its Chinese version with the programs: page.py CHECK DOCUMENT... [ARGUMENT].
tls_page.bats and pages.bats call it; $WEIR is the command.

    languages ONE OTHER        both have the same sections, files, commands, outputs, code and texts in the tables
    session DOCUMENT PROGRAMS  runs all commands in order, in an empty folder, and compares what they print; PROGRAMS
                               has the examples
    code DOCUMENT              lines of C++ are in an example that was linked before; all other C++ compiles
    texts DOCUMENT             the texts in the first columns of the sections `errors` and `check` are in the library's
                               sources
    links DOCUMENT FOLDER      the targets of the links exist, relative to FOLDER, and so do the sections
    write DOCUMENT PROGRAMS    no check: writes what the commands print today below them

A section begins with "## key · title"; the key is the same in both languages. A console block has commands, on lines
that begin with "$ " (a backslash continues one), and their output. `./NAME` is the program of an example that the page
links to. A server (`weir serve`, or an example that calls serve()) runs until the next one needs its port, or until
the end. A block without a command shows what the servers printed later. A block of python whose first line is
"# NAME: ..." is written to that file. Ports that the kernel chose, pins, dates and the name of the machine are not
compared. If permitted, the commands run in their own network namespace, where the page's ports are free.
"""
import ctypes
import fcntl
import os
import pathlib
import re
import socket
import struct
import subprocess
import sys
import tempfile
import time

import source_texts

WEIR = os.path.realpath(os.environ.get("WEIR", "build/weir"))
TOP = pathlib.Path(__file__).resolve().parents[2]
PORT = re.compile(r"(?<![\d.])(?:[\w.]*|\[[\da-f:]*\]):(\d{4,5})\b|^python3 relay.py (\d+)")
SERVERS = ("weir serve ", "python3 relay.py ")
LINKED = re.compile(r"\]\(\.\./examples/((?:[a-z_]+/)?[a-z0-9_]+)\.cpp\)")
PATIENCE = 15


def parts(path):
    """Yields (section, linked examples, kind, lines) of each fenced block; for a table the lines are lists of cells."""
    section = kind = ""
    linked, lines, rows = [], [], []
    for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines() + [""]:
        if kind:
            if line == "```":
                yield section, linked, kind, lines
                kind, lines = "", []
            else:
                lines.append(line)
            continue
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
            continue
        if rows:
            yield section, linked, "table", rows[2:]
            rows = []
        if line.startswith("```"):
            kind = line[3:] or "plain"
        elif line.startswith("## "):
            section, linked = line[3:].split(" · ")[0], []
            yield section, linked, "section", []
        linked = linked + LINKED.findall(line)


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def languages(one, other):
    def shared(path):
        for section, linked, kind, content in parts(path):
            if kind == "table":
                content = [[sorted(quoted(cell)) for cell in row] for row in content]
            elif kind == "text":
                content = len(content)
            elif kind == "cpp":
                content = [re.sub(r" *//.*", "", line) for line in content]
            yield section, linked, kind, content

    here, there = list(shared(one)), list(shared(other))
    for a, b in zip(here, there):
        if a != b:
            yield f"{a[0]}: {one} and {other} differ:\n{a}\n{b}"
            return
    if len(here) != len(there):
        yield f"{one} has {len(here)} parts, {other} has {len(there)}"


def anonymous(line):
    line = re.sub(r"\b[A-Z][a-z]{2} +\d+ \d\d:\d\d:\d\d \d{4} GMT", "DATE", line)
    line = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC", "DATE", line)
    line = re.sub(r"[A-Za-z0-9+/]{43}=", "PIN", line)
    line = re.sub(r"(127\.0\.0\.1|\[::1\]):[1-6]\d{4}\b", r"\1:PORT", line)
    line = re.sub(r"::1(, \S+ was made| and 1 more is)", "::1, HOST", line)  # a host name other than localhost
    return line.replace(" = ", "=").rstrip()  # OpenSSL 3.2 writes CN=x


def steps(lines):
    """Returns (command, lines shown below it); the command is empty for lines before the first command."""
    command, shown, found, goes_on = "", [], [], False
    for line in lines:
        if goes_on:
            command += "\n" + line
        elif line.startswith("$ "):
            if command or shown:
                found.append((command, shown))
            command, shown = line[2:], []
        else:
            shown.append(line)
            continue
        goes_on = line.endswith("\\")
    return found + [(command, shown)]


def own_network():
    """If permitted, moves this process into its own network namespace, so that no other process uses its ports."""
    new_network, new_user = 0x40000000, 0x10000000
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(new_network) != 0 and libc.unshare(new_network | new_user) != 0:
        return
    get_flags, set_flags, up = 0x8913, 0x8914, 1  # netdevice(7)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        flags = struct.unpack("16sH14x", fcntl.ioctl(any_socket, get_flags, struct.pack("16sH14x", b"lo", 0)))[1]
        fcntl.ioctl(any_socket, set_flags, struct.pack("16sH14x", b"lo", flags | up))


def listens(port):
    """Whether a socket listens on the port. Connecting would not do: the relay accepts only one connection."""
    tables = [path.read_text() for path in map(pathlib.Path, ("/proc/net/tcp", "/proc/net/tcp6")) if path.exists()]
    return any(re.search(rf":{int(port):04X} [0-9A-F]+:0000 0A ", table) for table in tables)


def source_of(example):
    return (TOP / "examples" / f"{example}.cpp").read_text(encoding="utf-8")


class running:
    """A server of the page, and its output."""

    def __init__(self, command, folder, environment, number):
        self.path = pathlib.Path(folder) / f".output{number}"
        with open(self.path, "wb") as output:
            self.process = subprocess.Popen(["bash", "-c", "exec " + command], cwd=folder, env=environment,
                                            stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        self.seen = 0

    def new_lines(self):
        return self.path.read_text(encoding="utf-8", errors="replace").splitlines()[self.seen:]

    def stop(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class session:
    def __init__(self, programs, examples):
        self.folder = tempfile.mkdtemp(prefix="page.")
        self.tools = tempfile.mkdtemp(prefix="page.")
        os.symlink(WEIR, f"{self.tools}/weir")
        self.lasting = {}  # {command that starts a server: port}
        for example in examples:
            name = example.rpartition("/")[2]
            os.symlink(os.path.join(os.path.realpath(programs), example), f"{self.folder}/{name}")
            if re.search(r"\bserve\(", source_of(example)):
                self.lasting["./" + name] = PORT.search(source_of(example))
        pathlib.Path(f"{self.tools}/pidof").write_text(f'#!/bin/sh\ncat "{self.tools}/pid.$1"\n')
        os.chmod(f"{self.tools}/pidof", 0o755)
        self.environment = {**os.environ, "PATH": self.tools + os.pathsep + os.environ["PATH"], "LC_ALL": "C.UTF-8",
                            "NO_COLOR": "1"}
        self.environment.pop("SSLKEYLOGFILE", None)
        self.pins = {}
        self.servers, self.count = {}, 0

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for server in self.servers.values():
            server.stop()
        subprocess.run(["rm", "-rf", self.folder, self.tools], check=False)

    def as_run(self, command):
        for shown, real in self.pins.items():
            command = command.replace(shown, real)
        return command

    def as_shown(self, line):
        for shown, real in self.pins.items():
            line = line.replace(real, shown)
        return line

    def is_server(self, command):
        return command.startswith(SERVERS) or command.split()[0] in self.lasting

    def start(self, command):
        found = PORT.search(command) or self.lasting.get(command.split()[0])
        port = found and (found[1] or found[2])
        if port in self.servers:
            self.servers.pop(port).stop()
        self.count += 1
        made = running(self.as_run(command), self.folder, self.environment, self.count)
        self.servers[port] = made
        name = command.split()[0].rpartition("/")[2]
        pathlib.Path(f"{self.tools}/pid.{name}").write_text(str(made.process.pid))
        end = time.monotonic() + PATIENCE
        while port and made.process.poll() is None and not listens(port) and time.monotonic() < end:
            time.sleep(0.02)
        return made

    def run(self, command):
        done = subprocess.run(["bash", "-c", self.as_run(command)], cwd=self.folder, env=self.environment, timeout=60,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return [self.as_shown(line) for line in done.stdout.decode("utf-8", "replace").splitlines()]

    def later(self, servers, shown):
        """Waits until the servers have printed all lines shown, or for a time limit. Returns what they printed."""
        end = time.monotonic() + (PATIENCE if shown is not None else 1)
        while True:
            lines = [self.as_shown(line) for server in servers for line in server.new_lines()]
            rest = iter([anonymous(line) for line in lines])
            missing = shown is None or any(anonymous(line) not in rest for line in shown)
            if not missing or time.monotonic() > end:
                for server in servers:
                    server.seen += len(server.new_lines())
                return lines, missing
            time.sleep(0.05)

    def learn_pins(self, shown, printed):
        for a, b in zip(shown, printed):
            for pair in zip(re.findall(r"[A-Za-z0-9+/]{43}=", a), re.findall(r"[A-Za-z0-9+/]{43}=", b)):
                self.pins.setdefault(*pair)


def files(kind, lines):
    if kind == "python" and (found := re.match(r"# ([\w.]+): ", lines[0] if lines else "")):
        return found[1]
    return None


def session_of(document, programs, writes=False):
    """Yields (section, lines of the block, lines that it should have) for each console block."""
    own_network()
    examples = set(LINKED.findall(pathlib.Path(document).read_text(encoding="utf-8")))
    with session(programs, sorted(examples)) as here:
        for section, _, kind, lines in parts(document):
            if name := files(kind, lines):
                (pathlib.Path(here.folder) / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
            if kind != "console":
                continue
            should = []
            for command, shown in steps(lines):
                should += ("$ " + command).split("\n") if command else []
                if command and not here.is_server(command):
                    printed = here.run(command)
                    here.learn_pins(shown, printed)
                    same = [anonymous(line) for line in printed] == [anonymous(line) for line in shown]
                    should += shown if same and not writes else printed
                    continue
                servers = [here.start(command)] if command else list(here.servers.values())
                printed, missing = here.later(servers, None if writes else shown)
                here.learn_pins(shown, printed)
                should += printed if missing else shown
            yield section, lines, should


def session_check(document, programs):
    seen = 0
    for section, lines, should in session_of(document, programs):
        seen += 1
        if lines != should:
            yield f"{section}: shown is\n" + "\n".join(lines) + "\nbut printed was\n" + "\n".join(should)
    if seen == 0:
        yield f"{document} shows no output"


def write(document, programs):
    blocks = (should for _, _, should in session_of(document, programs, writes=True))
    lines, is_inside = [], False
    for line in pathlib.Path(document).read_text(encoding="utf-8").splitlines():
        if line == "```console":
            is_inside = True
            lines += [line, *next(blocks)]
        elif line == "```":
            is_inside = False
        if not is_inside:
            lines.append(line)
    list(blocks)
    pathlib.Path(document).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return ()


PREAMBLE = """#include <weir/tls/tls.h>
#include <weir/weir.h>

#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

using namespace weir;

"""


def stands_in(example, lines):
    source = iter([line.strip() for line in source_of(example).splitlines()])
    # `in` advances the iterator past the line that it finds.
    return all(line.strip() in ("", "// ...") or line.strip() in source for line in lines)


def code(document):
    seen = 0
    for section, linked, kind, lines in parts(document):
        if kind != "cpp":
            continue
        seen += 1
        if any(stands_in(example, lines) for example in linked):
            continue
        with tempfile.NamedTemporaryFile("w", suffix=".cc", encoding="utf-8") as program:
            program.write(PREAMBLE + "\n".join(lines) + "\n")
            program.flush()
            compiler = os.environ.get("CXX", "g++")
            compiled = subprocess.run([compiler, "-std=c++20", "-fsyntax-only", f"-I{TOP}", program.name],
                                      stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if compiled.returncode != 0:
            shown = "\n".join(lines)
            yield f"{section}: this is in none of {linked}, and does not compile:\n{shown}\n{compiled.stdout[:1000]}"
    if seen == 0:
        yield f"{document} shows no C++"


def texts(document):
    layers = ("base", "framing", "socket", "loop", "kernel", "sim", "coroutine", "stream", "service", "tls")
    folders = ["weir/" + layer for layer in layers]
    sources = source_texts.source_texts(*folders)
    seen = 0
    for section, _, kind, rows in parts(document):
        if section not in ("errors", "check") or kind != "table":
            continue
        for text in (text for row in rows for text in quoted(row[0])):
            seen += 1
            for piece in sources.missing(text):
                yield f"{section}: no source of {', '.join(folders)} has: {piece}"
    if seen < 20:
        yield f"{document}: the table of errors has only {seen} texts"


def anchors(document):
    """Returns the anchors of a page's sections, as GitHub and the site make them."""
    lines = re.sub(r"^```.*?^```", "", pathlib.Path(document).read_text(encoding="utf-8"), flags=re.M | re.S).splitlines()
    titles = [re.sub(r"^#+ ", "", line).lower() for line in lines if re.match(r"#{1,3} ", line)]
    return {re.sub(r"[^\w\- ]", "", title).replace(" ", "-") for title in titles}


def links(document, folder):
    text = pathlib.Path(document).read_text(encoding="utf-8")
    prose = re.sub(r"`[^`\n]*`", "", re.sub(r"^```.*?^```", "", text, flags=re.M | re.S))
    for target in re.findall(r"\]\(([^)]+)\)", prose):
        if re.match(r"[a-z]+://", target):
            continue
        path, _, place = target.partition("#")
        file = pathlib.Path(folder) / path if path else pathlib.Path(document)
        if not file.exists():
            yield f"{document}: {target} is not there"
        elif place and file.suffix == ".md" and place not in anchors(file):
            yield f"{document}: no section {target}; there are: {' '.join(sorted(anchors(file)))}"


if __name__ == "__main__":
    checks = {"languages": languages, "session": session_check, "code": code, "texts": texts, "links": links,
              "write": write}
    wrong = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
