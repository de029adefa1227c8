"""For limits_attack.py: a `weir serve` under attack, measurements of it from outside, and the actions of its peers."""
import contextlib
import fcntl
import os
import re
import select
import socket
import struct
import subprocess
import termios
import threading
import time

MIB = 1 << 20


class Server:
    """`weir serve` with these options, until the end of the block."""

    def __init__(self, weir, backend, framing, *options):
        self.process = subprocess.Popen(
            [weir, "serve", "127.0.0.1:0", "-f", framing, "--backend", backend, *options], stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
        self.pid = self.process.pid
        for line in self.process.stderr:
            if found := re.search(r"listening on 127.0.0.1:(\d+) ", line):
                self.port = int(found[1])
                break
        threading.Thread(target=self.process.stderr.read, daemon=True).start()
        self.idle_sockets = self.sockets()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()

    def sockets(self):
        """Returns the number of its open sockets, from /proc/PID/fd."""
        count = 0
        for name in os.listdir(f"/proc/{self.pid}/fd"):
            with contextlib.suppress(FileNotFoundError):
                count += os.readlink(f"/proc/{self.pid}/fd/{name}").startswith("socket:")
        return count

    def connections(self):
        return self.sockets() - self.idle_sockets

    def come(self, host="127.0.0.1", receive_bytes=None):
        peer = socket.socket()
        if receive_bytes:
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_bytes)
        peer.bind((host, 0))
        peer.settimeout(60)
        peer.connect(("127.0.0.1", self.port))
        return peer

    def memory_of_kernel(self):
        """Returns the bytes of the kernel's buffers of its sockets, with overhead (ss(8), skmem r and w), and the bytes in
        them that wait to be received and to be acknowledged."""
        asked = ["ss", "-tmnH", "sport", "=", f":{self.port}"]
        said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
        memory = sum(int(r) + int(w) for r, w in re.findall(r"skmem:\(r(\d+),.*?,w(\d+),", said))
        queues = [sum(map(int, one)) for one in zip(*re.findall(r"^(?:ESTAB|CLOSE-WAIT) +(\d+) +(\d+)", said, re.M))]
        return memory, *(queues or (0, 0))


def answered(peer, size):
    """Returns whether the peer receives `size` bytes; false at an end or a reset."""
    got = 0
    try:
        while got < size:
            part = peer.recv(MIB)
            if not part:
                return False
            got += len(part)
    except ConnectionError:
        return False
    return True


def send_while_possible(peer, data, seconds):
    """Sends the data repeatedly until nothing could be sent for `seconds`. Returns the number of bytes sent."""
    peer.setblocking(False)
    sent, last = 0, time.monotonic()
    while time.monotonic() - last < seconds:
        with contextlib.suppress(BlockingIOError):
            sent += peer.send(memoryview(data)[sent % len(data):])
            last = time.monotonic()
            continue
        select.select([], [peer], [], 0.05)
    return sent


def unacknowledged(peer):
    return struct.unpack("i", fcntl.ioctl(peer, termios.TIOCOUTQ, bytes(4)))[0]


def unread(peer):
    return struct.unpack("i", fcntl.ioctl(peer, termios.FIONREAD, bytes(4)))[0]


def until_end(peer, drip=b"", interval=0.1):
    """Waits until the peer's input has ended or was reset, and returns the time. Sends a byte of `drip` at intervals."""
    drip = iter(drip)
    while True:
        if select.select([peer], [], [], interval)[0]:
            try:
                if not peer.recv(MIB):
                    return time.monotonic()
            except ConnectionError:
                return time.monotonic()
        with contextlib.suppress(StopIteration, ConnectionError):
            peer.send(bytes([next(drip)]))


def when_reset(peer):
    """Waits until the connection is reset, without reading, and returns the time."""
    poll = select.poll()
    poll.register(peer, 0)  # only POLLERR and POLLHUP
    poll.poll(90_000)
    return time.monotonic()
