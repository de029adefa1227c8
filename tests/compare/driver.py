#!/usr/bin/env python3
"""driver.py SCRIPT...: runs each script through Python's socket and prints a line for each call, as compare_driver
does through weir. README.md defines the language. If Python has no such call, this does what a Python program would
do: for example, a deadline is a state of Python's socket, not an argument."""
import errno
import fcntl
import os
import re
import select
import signal
import socket
import struct
import sys
import termios
import threading
import time

TCP_STATES = ("? established syn_sent syn_received fin_wait fin_wait time_wait close close_wait last_ack listen "
              "closing").split()
FAMILIES = {"ipv4": socket.AF_INET, "ipv6": socket.AF_INET6, "local": socket.AF_UNIX}
TYPES = {"stream": socket.SOCK_STREAM, "datagram": socket.SOCK_DGRAM, "seqpacket": socket.SOCK_SEQPACKET,
         "raw": socket.SOCK_RAW}
HALVES = {"send": socket.SHUT_WR, "receive": socket.SHUT_RD, "both": socket.SHUT_RDWR}
FLAGS = {"reuse_address": (socket.SOL_SOCKET, socket.SO_REUSEADDR), "reuse_port": (socket.SOL_SOCKET, socket.SO_REUSEPORT),
         "broadcast": (socket.SOL_SOCKET, socket.SO_BROADCAST), "keep_alive": (socket.SOL_SOCKET, socket.SO_KEEPALIVE),
         "no_delay": (socket.IPPROTO_TCP, socket.TCP_NODELAY), "v6_only": (socket.IPPROTO_IPV6, socket.IPV6_V6ONLY),
         "accepting": (socket.SOL_SOCKET, socket.SO_ACCEPTCONN)}
SIZES = {"send_buffer_bytes": (socket.SOL_SOCKET, socket.SO_SNDBUF),
         "receive_buffer_bytes": (socket.SOL_SOCKET, socket.SO_RCVBUF)}
LINGER = (socket.SOL_SOCKET, socket.SO_LINGER)
MESSAGE_FLAGS = {"peek": socket.MSG_PEEK, "wait_all": socket.MSG_WAITALL, "out_of_band": socket.MSG_OOB,
                 "non_blocking": socket.MSG_DONTWAIT, "more": socket.MSG_MORE, "dont_route": socket.MSG_DONTROUTE,
                 "end_of_record": socket.MSG_EOR}
# The errors that have their own class in Python.
WORDS = {BrokenPipeError: "broken_pipe", ConnectionResetError: "reset", ConnectionRefusedError: "refused",
         BlockingIOError: "would_block", TimeoutError: "timed_out", PermissionError: "not_permitted",
         FileNotFoundError: "not_found", ConnectionAbortedError: "aborted"}


def show_error(problem):
    if isinstance(problem, socket.gaierror):
        again = problem.errno == socket.EAI_AGAIN
        return "error - " + ("timed_out" if again else "not_found")
    if isinstance(problem, TimeoutError) and problem.errno is None:
        return "error timed_out"
    if not isinstance(problem, OSError) or problem.errno is None:
        return "error - invalid"  # refused by Python itself
    word = WORDS.get(type(problem))
    name = errno.errorcode[problem.errno].replace("ENOTSUP", "EOPNOTSUPP")  # one number has two names
    return "error " + name + (" " + word if word else "")


def show_data(data):
    if len(data) > 40:
        total = 2166136261  # FNV-1a
        for byte in data:
            total = ((total ^ byte) * 16777619) & 0xffffffff
        return f"{len(data)} bytes, sum {total}"
    text = "".join("\\" + chr(b) if b in b'"\\' else chr(b) if 0x20 <= b < 0x7f else f"\\x{b:02x}" for b in data)
    return f'"{text}"'


def parse_data(text):
    times, quoted = re.fullmatch(r'(?:(\d+)\*)?"(.*)"', text).groups()
    escapes = {"n": b"\n"}
    parts = re.findall(r'\\x([0-9a-f]{2})|\\(.)|([^\\])', quoted)
    data = b"".join(bytes.fromhex(h) if h else escapes.get(e, e.encode()) if e else c.encode() for h, e, c in parts)
    return data * int(times or 1)


def parse_duration(text):
    return int(text[:-2]) / 1000 if text.endswith("ms") else float(text[:-1])


def words_of(text):
    words = re.findall(r'(?:[^\s"]|"(?:\\.|[^"\\])*")+', text)
    for i, word in enumerate(words):
        if word.startswith("#"):
            return words[:i]
    return words


class Call:
    def __init__(self, words):
        self.gives = []
        if "=" in words[:3]:
            at = words.index("=")
            self.gives, words = words[:at], words[at + 1:]
        self.patience = None
        if len(words) >= 2 and words[-2] == "within" and words[0] != "start":
            self.patience = parse_duration(words[-1])
            words = words[:-2]
        self.verb, self.operands = words[0], words[1:]


class Patience:
    """Sets a deadline for one call. Python keeps the deadline in the socket, so the old one is restored afterwards."""

    def __init__(self, one, patience):
        self.one, self.patience = one, patience

    def __enter__(self):
        self.before = self.one.gettimeout()
        if self.patience is not None:
            self.one.settimeout(self.patience)

    def __exit__(self, *_):
        if self.patience is not None and self.one.fileno() >= 0:
            self.one.settimeout(self.before)


class Beside:
    def __init__(self, stage, text):
        self.id = None
        self.answer = None
        self.done = False

        def run():
            self.id = threading.get_native_id()
            self.answer = stage.perform(text)
            self.done = True
        self.thread = threading.Thread(target=run)
        self.thread.start()

    def sleeps(self):
        try:
            with open(f"/proc/self/task/{self.id}/stat") as file:
                return file.read().rsplit(")", 1)[1].split()[0] == "S"
        except OSError:
            return False

    def await_sleep(self):
        seen = 0
        while seen < 5:
            if self.done:
                return "done"
            seen = seen + 1 if self.id and self.sleeps() else 0
            time.sleep(0.001)
        return "asleep"


class Stage:
    def __init__(self):
        self.sockets, self.names, self.threads = {}, {}, {}
        self.twice = ""  # see twice() in stage.h

    def answer(self, text):
        return re.sub("\1(.*?)\2", self.resolve, self.perform(text))

    def perform(self, text):
        one = Call(words_of(text))
        had_port = bool(one.operands) and self.has_port(one.operands[0])
        try:
            return getattr(self, "do_" + one.verb)(one) or "ok"
        except (OSError, OverflowError, ValueError) as problem:
            return show_error(problem)
        finally:
            if one.operands and one.operands[0] in self.sockets:
                self.learn(one, had_port)

    # Addresses.

    def address(self, word, which):
        """Returns what a Python program passes for this text: a pair, or a path."""
        if word in self.sockets:
            return self.sockets[word].getsockname()
        if word.startswith("unix:@"):
            return "\0" + word[6:] + (f"-{os.getpid()}" if len(word) > 6 else "")
        if word.startswith("unix:"):
            return word[5:]
        host, port = word.rsplit(":", 1)
        if not port.isdigit():
            kind = "udp" if which.type == socket.SOCK_DGRAM else "tcp"
            try:
                return host.strip("[]"), socket.getservbyname(port, kind)
            except OSError:
                raise socket.gaierror(socket.EAI_SERVICE, port) from None
        return host.strip("[]"), int(port)

    @staticmethod
    def key(address):
        """The family and the port; the kernel may choose the same port number in both families."""
        if not isinstance(address, tuple):
            return address[1:].decode()
        return f"{6 if ':' in address[0] else 4}/{address[1]}"

    def owner(self, key):
        """Returns the owner of a port. A socket for both families is registered under one of them."""
        return self.names.get(key) or self.names.get({"4/": "6/", "6/": "4/"}.get(key[:2], "") + key[2:])

    def show(self, address):
        if isinstance(address, tuple):
            host = f"[{address[0]}]" if ":" in address[0] else address[0]
            return f"{host}:\1{self.key(address)}\2" if address[1] else f"{host}:0"
        if isinstance(address, bytes):
            return f"unix:@\1{self.key(address)}\2"
        return "unix:" + (address or "")

    def resolve(self, marked):
        owner = self.owner(marked[1])
        if owner:
            return f"<{owner}>"
        return re.sub("^[46]/", "", marked[1]).removesuffix(f"-{os.getpid()}")

    def has_port(self, name):
        which = self.sockets.get(name)
        here = which.getsockname() if which is not None and which.fileno() >= 0 else ""
        return isinstance(here, tuple) and here[1] != 0

    def learn(self, one, had_port):
        name = one.operands[0]
        which = self.sockets[name]
        here = which.getsockname() if which.fileno() >= 0 else ""
        empty = here[1] == 0 if isinstance(here, tuple) else not isinstance(here, bytes)
        if empty:
            return
        known = self.owner(self.key(here))
        is_wanted = one.verb == "bind" and not one.operands[1].endswith(":0")
        if isinstance(here, tuple) and not had_port and not is_wanted and known:
            self.twice = f"{name} {known}"
        owner = self.sockets.get(known)
        # A port is free again once its owner is closed, refused or reset.
        owned = owner.getsockname() if owner is not None and owner.fileno() >= 0 else None
        if type(owned) is not type(here) or len(owned) != len(here) or self.key(owned) != self.key(here):
            self.names[self.key(here)] = name

    def put(self, name, made):
        self.sockets[name] = made
        return name

    # The textbook's calls.

    def do_open(self, one):
        family, kind = FAMILIES[one.operands[0]], TYPES[one.operands[1]]
        return self.put(one.gives[0], socket.socket(family, kind, int(one.operands[2]) if one.operands[2:] else 0))

    def do_pair(self, one):
        first, second = socket.socketpair(socket.AF_UNIX, TYPES[one.operands[0]])
        return self.put(one.gives[0], first) + " " + self.put(one.gives[1], second)

    def do_bind(self, one):
        which, wanted = self.sockets[one.operands[0]], one.operands[1]
        which.bind(self.address(wanted, which))

    def do_listen(self, one):
        which = self.sockets[one.operands[0]]
        which.listen(*map(int, one.operands[1:]))

    def do_accept(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            made, peer = which.accept()
        self.put(one.gives[0], made)
        return one.gives[0] + " from " + self.show(peer)

    def do_connect(self, one):
        which = self.sockets[one.operands[0]]
        peer = self.address(one.operands[1], which)
        with Patience(which, one.patience):
            which.connect(peer)

    def do_receive(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            return show_data(which.recv(int(one.operands[1]), self.flags(one, 2)))

    @staticmethod
    def flags(one, at):
        words = one.operands[at].split(",") if one.operands[at:] else ()
        return sum(MESSAGE_FLAGS[word] for word in words)

    def do_send_to(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            return str(which.sendto(parse_data(one.operands[1]), self.address(one.operands[2], which)))

    def do_receive_from(self, one):
        which, buffer = self.sockets[one.operands[0]], bytearray(int(one.operands[1]))
        full_size = 0 if which.type == socket.SOCK_STREAM else socket.MSG_TRUNC  # for TCP, MSG_TRUNC means "discard"
        with Patience(which, one.patience):
            size, _, flags, peer = which.recvmsg_into([buffer], 0, self.flags(one, 2) | full_size)
        text = show_data(bytes(buffer[:size]))
        if flags & socket.MSG_TRUNC:
            text += f" of {size}"
        return text + (" from " + self.show(peer) if peer else "")

    def do_hand_over(self, one):
        which, other = self.sockets[one.operands[0]], self.sockets[one.operands[2]]
        with Patience(which, one.patience):
            return str(socket.send_fds(which, [parse_data(one.operands[1])], [other.fileno()]))

    def do_take_over(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            data, descriptors, _, _ = socket.recv_fds(which, int(one.operands[1]), 1)
        if not descriptors:
            return show_data(data) + ", alone"
        os.set_inheritable(descriptors[0], False)
        return show_data(data) + " and " + self.put(one.gives[0], socket.socket(fileno=descriptors[0]))

    def do_receive_all(self, one):
        which, data = self.sockets[one.operands[0]], b""
        with Patience(which, one.patience):
            while True:
                try:
                    part = which.recv(65536)
                except OSError as problem:
                    return show_data(data) + ", then " + show_error(problem)
                if not part:
                    return show_data(data) + ", then the end"
                data += part

    def do_send(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            return str(which.send(parse_data(one.operands[1]), self.flags(one, 2)))

    def do_send_all(self, one):
        which = self.sockets[one.operands[0]]
        with Patience(which, one.patience):
            which.sendall(parse_data(one.operands[1]))

    def do_shutdown(self, one):
        self.sockets[one.operands[0]].shutdown(HALVES[one.operands[1]])

    def do_close(self, one):
        self.sockets[one.operands[0]].close()

    def do_release(self, one):
        fd = self.sockets[one.operands[0]].detach()
        return self.put(one.gives[0], socket.socket(fileno=fd)) if fd >= 0 else "nothing"

    def do_local(self, one):
        return self.show(self.sockets[one.operands[0]].getsockname())

    def do_peer(self, one):
        return self.show(self.sockets[one.operands[0]].getpeername())

    def do_blocking(self, one):
        self.sockets[one.operands[0]].setblocking(one.operands[1] == "yes")

    # Options.

    def do_set(self, one):
        which, name, value = self.sockets[one.operands[0]], one.operands[1], one.operands[2]
        if name in FLAGS:
            which.setsockopt(*FLAGS[name], int(value == "yes"))
        elif name in SIZES:
            which.setsockopt(*SIZES[name], int(value))
        else:
            assert name == "linger", name
            given = (0, 0) if value == "none" else (1, int(parse_duration(value)))
            which.setsockopt(*LINGER, struct.pack("ii", *given))

    def do_get(self, one):
        which, name = self.sockets[one.operands[0]], one.operands[1]
        if name in FLAGS:
            return "yes" if which.getsockopt(*FLAGS[name]) else "no"
        if name in SIZES:
            return str(which.getsockopt(*SIZES[name]))
        if name == "linger":
            on, seconds = struct.unpack("ii", which.getsockopt(*LINGER, 8))
            return f"{seconds}s" if on else "none"
        assert name == "error", name
        return self.pending(which)

    def do_set_raw(self, one):
        name, level, number, data = one.operands
        self.sockets[name].setsockopt(int(level), int(number), parse_data(data))

    def do_get_raw(self, one):
        name, level, number, most = one.operands
        return show_data(self.sockets[name].getsockopt(int(level), int(number), int(most)))

    # The state of a socket in the kernel.

    @staticmethod
    def pending(which):
        number = which.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
        return show_error(OSError(number, "")) if number else "none"

    @staticmethod
    def ready(which):
        poll = select.poll()
        poll.register(which, select.POLLIN | select.POLLOUT | select.POLLRDHUP)
        events = dict(poll.poll(0)).get(which.fileno(), 0)
        return "".join(word for bit, word in (
            (select.POLLIN, " readable"), (select.POLLOUT, " writable"), (select.POLLRDHUP, " peer_closed"),
            (select.POLLHUP, " hung_up"), (select.POLLERR, " failed")) if events & bit)

    def do_state(self, one):
        which = self.sockets[one.operands[0]]
        if which.fileno() < 0:
            return "not open"
        ready = self.ready(which)
        try:
            count = struct.unpack("i", fcntl.ioctl(which, termios.FIONREAD, bytes(4)))[0]
            unread = str(count) if count < 65536 else "much"
        except OSError:
            unread = "-"
        try:
            tcp = " tcp " + TCP_STATES[which.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0]]
        except OSError:
            tcp = ""
        asked = {verb: self.perform(f"{verb} {one.operands[0]}") for verb in ("local", "peer")}
        return (f"local {asked['local']} peer {asked['peer']} pending {self.pending(which)} unread {unread}{tcp}{ready}"
                + ("" if which.get_inheritable() else " close_on_exec"))

    def do_fill(self, one):
        which, sent, before = self.sockets[one.operands[0]], 0, 1
        while True:
            try:
                sent += which.send(b"x" * 65536, socket.MSG_DONTWAIT)
            except BlockingIOError:
                if before == sent:
                    return "full" if sent else "was full"
                before = sent
                room = select.poll()
                room.register(which, select.POLLOUT)
                room.poll(0 if which.family == socket.AF_UNIX else 250)
            settle_loopback()

    def do_drain(self, one):
        which = self.sockets[one.operands[0]]
        while True:
            try:
                if not which.recv(65536, socket.MSG_DONTWAIT):
                    return "the end"
            except OSError as problem:
                return "drained" if isinstance(problem, BlockingIOError) else "failed"
            settle_loopback()

    def do_unlink(self, one):
        try:
            os.unlink(one.operands[0])
        except FileNotFoundError:
            return "was not there"

    def do_settle(self, _):
        settle_loopback()

    # Threads.

    def do_start(self, one):
        self.threads[one.gives[0]] = Beside(self, " ".join(one.operands))

    def do_asleep(self, one):
        return self.threads[one.operands[0]].await_sleep()

    def do_interrupt(self, one):
        which, before = self.threads[one.operands[0]], interruptions[0]
        signal.pthread_kill(which.thread.ident, signal.SIGUSR1)
        while interruptions[0] == before and not which.done:
            time.sleep(0.001)
        return which.await_sleep()

    def do_join(self, one):
        which = self.threads.pop(one.operands[0])
        which.thread.join()
        return which.answer


interruptions = [0]
around = None


def settle_loopback():
    """See tests/socket/loopback.h for why this is sufficient."""
    global around
    if around is None:
        around = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        around.bind(("127.0.0.1", 0))
        around.connect(around.getsockname())
    for _ in range(3):
        around.send(b"x")
        around.recv(1)


def play(path):
    print("==", path, flush=True)
    before = len(os.listdir("/proc/self/fd"))
    stage = Stage()
    with open(path) as file:
        for number, line in enumerate(file, 1):
            words = words_of(line.strip())
            if words:
                text = " ".join(words)
                print(f"{number} {text}: {stage.answer(text)}", flush=True)
                settle_loopback()
    for name in sorted(stage.sockets):
        if stage.sockets[name].fileno() >= 0:
            print(f"end {name}: {stage.answer('state ' + name)}", flush=True)
    for one in stage.sockets.values():
        one.close()
    print(f"end: {len(os.listdir('/proc/self/fd')) - before} descriptors more", flush=True)
    if stage.twice:
        print(f"a port twice: {stage.twice}", flush=True)


def interrupted(*_):
    interruptions[0] += 1


if __name__ == "__main__":
    os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    signal.signal(signal.SIGUSR1, interrupted)
    settle_loopback()
    for script in sys.argv[1:]:
        play(script)
