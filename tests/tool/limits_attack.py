"""limits_attack.py WEIR: runs peers that try to exceed each limit in weir/service/limits.h, against `weir serve` on
both backends, all at the same time (about 50 s). Prints a table: the limit's name, its value, and the worst value
measured on epoll(7) and on io_uring(7). Exit code 1 if a value is above its limit, or a time is below it.

A time may exceed its limit by TOLERANCE seconds, because the machine is shared. A stalled send may exceed it by a
further quarter of the limit, as documented.
"""
import concurrent.futures
import contextlib
import resource
import select
import signal
import socket
import struct
import sys
import threading
import time

from held_attack import Attack, resident_kib
from limits_peers import Server, answered, send_while_possible, unacknowledged, unread, until_end, when_reset

TOLERANCE = 0.5
KIB, MIB = 1 << 10, 1 << 20
MESSAGE = struct.pack(">I", 5) + b"hello"


def len32(size):
    return struct.pack(">I", size) + bytes(size)


def side_by_side(*tasks):
    with concurrent.futures.ThreadPoolExecutor(len(tasks)) as pool:
        return [one.result() for one in [pool.submit(*each) for each in tasks]]


def bytes_row(row, limit, measured, text=None):
    return row, text or f"{limit:,} bytes", f"{measured:,}", measured <= limit


def count_row(row, limit, measured):
    return row, f"{limit:,}", f"{measured:,}", measured <= limit


def time_row(row, limit, times, late=0.0):
    """Measurements begin just before the server's clock, so each time has to be from `limit` to `limit + late`. The row
    shows the longest one, or the shortest one if that is too short."""
    early = min(times) < limit
    worst = min(times) if early else max(times)
    text = f"{limit:g} s" + (f" to {limit + late:g} s" if late else "")
    return row, text, f"{worst:.2f} s", not early and worst <= limit + late + TOLERANCE


# The rows. Each function returns lines (row, limit, measured, whether the limit holds).


def message_size(serve):
    """Messages of the maximum size are answered, in any framing. Messages of one byte more are not, nor is an announced
    size of 4 GiB."""
    def of_size(framing, message):
        largest = 0
        with serve(framing) as server:
            for size in (1, MIB - 1, MIB, MIB + 1, MIB + 2, 2 * MIB, 4 * MIB):
                peer = server.come()
                data = message(size)
                sender = threading.Thread(target=try_send, args=(peer, data))
                sender.start()
                if answered(peer, len(data)):
                    largest = max(largest, size)
                sender.join()
            if framing == "len32":
                peer = server.come()
                try_send(peer, struct.pack(">I", 2**32 - 1) + bytes(MIB))
                if answered(peer, 1):
                    largest = 2**32 - 1
        return largest

    def try_send(peer, data):
        with contextlib.suppress(ConnectionError):
            peer.sendall(data)

    def varint(size):
        header, left = b"", size
        while left >= 128:
            header += bytes([left % 128 + 128])
            left //= 128
        return header + bytes([left]) + b"x" * size

    largest = side_by_side((of_size, "len32", len32), (of_size, "varint", varint),
                           (of_size, "lines", lambda size: b"x" * size + b"\n"),
                           (of_size, "netstring", lambda size: b"%d:%s," % (size, b"x" * size)),
                           (of_size, "delimited:7e", lambda size: b"x" * size + b"\x7e"))
    return [bytes_row("message size, in five framings", MIB, max(largest))]


def outgoing(serve):
    """A peer sends small messages, one at a time, and reads nothing. Measures the bytes that the server process holds:
    received, and not yet passed to the kernel."""
    message = len32(1000)
    with serve("len32", "--kernel-buffers", "4MiB") as server:
        peer = server.come(receive_bytes=4096)
        sent = held = 0
        last = time.monotonic()
        while time.monotonic() - last < 1:
            _, to_read, to_be_acknowledged = server.memory_of_kernel()
            if to_read or unacknowledged(peer):
                continue  # sends only when the server has read the last message
            held = max(held, sent - to_be_acknowledged - unread(peer))
            peer.sendall(message)
            sent += len(message)
            last = time.monotonic()
    limit = 256 * KIB + len(message) + 4 * KIB
    allowed = "262,144 bytes, a message (1,004) and a read (4 KiB)"
    return [bytes_row("outgoing bytes of a connection", limit, held, allowed)]


def stalled_send(serve):
    """Peers that read no replies: one is silent, one reads single bytes, which does not open its window, one has ended
    its side, and one has read much before. The time counts from the last byte that the peer's kernel accepted."""
    def attack(server, way):
        peer = server.come(receive_bytes=4096)
        stuffing = len32(60_000)
        if way == "took much":
            def read_much():
                for _ in range(100):
                    select.select([peer], [], [], 0.1)
                    with contextlib.suppress(BlockingIOError):
                        peer.recv(100_000)
            reader = threading.Thread(target=read_much)
            reader.start()
        send_while_possible(peer, stuffing, 0.3)
        if way == "took much":
            reader.join()
            send_while_possible(peer, stuffing, 0.3)
        if way == "half-closed":
            peer.shutdown(socket.SHUT_WR)
        began = time.monotonic() - 0.3
        stop = threading.Event()

        def read_byte():
            while not stop.wait(5):
                with contextlib.suppress(OSError):
                    peer.recv(1)
        if way == "drip":
            threading.Thread(target=read_byte, daemon=True).start()
        took = when_reset(peer) - began
        stop.set()
        return took

    with serve("len32") as server:
        times = side_by_side(*((attack, server, way) for way in ("silent", "drip", "half-closed", "took much")))
    return [time_row("stalled send", 30, times, late=7.5)]


def first_message(serve):
    """A silent peer, one that sends a message byte by byte, and one that sends half a message at the last moment."""
    def attack(server, way):
        began = time.monotonic()
        peer = server.come()
        if way == "late":
            threading.Timer(9.9, peer.send, [len32(1000)[:500]]).start()
        return until_end(peer, len32(1000) if way == "drip" else b"") - began

    with serve("len32") as server:
        times = side_by_side(*((attack, server, way) for way in ("silent", "drip", "late")))
    return [time_row("first message", 10, times)]


def whole_message(serve):
    """A message sent byte by byte, one that stalls, and one after a message that was skipped slowly. The time begins
    with the message's own first byte."""
    def attack(server, way):
        peer = server.come()
        peer.sendall(MESSAGE)
        answered(peer, len(MESSAGE))
        began = time.monotonic()
        peer.sendall(len32(1000)[:5])
        return until_end(peer, bytes(900) if way == "drip" else b"") - began

    def skipped(server):
        peer = server.come()
        peer.sendall(len32(2000)[:1000])
        time.sleep(20)
        began = time.monotonic()
        peer.sendall(len32(2000)[1000:] + MESSAGE[:2])
        return until_end(peer) - began

    with serve("len32") as server, serve("len32,max=1KiB,oversize=skip", "--first-message", "none") as skipping:
        times = side_by_side((attack, server, "drip"), (attack, server, "still"), (skipped, skipping))
    return [time_row("whole message once begun", 30, times)]


def idle(serve):
    """A peer that is silent after a message, and one that sends single bytes of a message that is never complete."""
    def attack(server, drip):
        peer = server.come()
        began = time.monotonic()
        peer.sendall(MESSAGE)
        answered(peer, len(MESSAGE))
        return until_end(peer, drip) - began

    with serve("len32", "--idle", "5s") as server:
        times = side_by_side((attack, server, b""), (attack, server, len32(1000)))
    return [time_row("idle (--idle 5s)", 5, times)]


def crowd(server, hosts, seconds, count):
    """`count` peers connect from these addresses at once, send, close (some half-close first), and connect again.
    Returns the maximum number of sockets of the server, and of peers that had a reply and were not closed yet."""
    lock, served, most_served = threading.Lock(), 0, 0

    def count_served(change):
        nonlocal served, most_served
        with lock:
            served += change
            most_served = max(most_served, served)

    def turn(number):
        host = hosts[number % len(hosts)]
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(OSError), server.come(host) as peer:
                peer.settimeout(0.3 if number % 3 else seconds)
                peer.sendall(MESSAGE)
                if number % 3 == 2:
                    peer.shutdown(socket.SHUT_WR)
                if number % 3 == 1:
                    peer.sendall(struct.pack(">I", 2**32 - 1))  # the server closes, and lingers
                if not peer.recv(100) or number % 3 == 2:
                    continue  # the server may already have closed a half-closed connection
                count_served(1)
                try:
                    while peer.recv(100):
                        pass
                finally:
                    count_served(-1)
    threads = [threading.Thread(target=turn, args=(number,), daemon=True) for number in range(count)]
    for each in threads:
        each.start()
    most = 0
    while any(each.is_alive() for each in threads):
        most = max(most, server.connections())
        time.sleep(0.002)
    return most, most_served


def connections(serve):
    hosts = [f"127.0.1.{last}" for last in range(1, 200)]
    most = []
    for threads in ("1", "3"):
        with serve("len32", "--max-connections", "40", "--threads", threads) as server:
            most.append(crowd(server, hosts, 2, 120)[0])
            if most[-1] < 40:
                return [("connections of a server", "40", f"only {most[-1]} came", False)]
    return [count_row("connections of a server (--max-connections 40)", 40, max(most))]


def connections_of_a_source(serve):
    """Refused sockets are open for a moment, so only peers that received a reply are counted."""
    most = 0
    for threads in ("1", "3"):
        with serve("len32", "--max-connections", "400", "--threads", threads) as server:
            most = max(most, crowd(server, ["127.0.0.2"], 2, 120)[1])
    if most < 40:
        return [("connections of a source address", "40", f"only {most} came", False)]
    return [count_row("connections of a source address (a tenth of 400)", 40, most)]


def held(serve):
    """Peers that send messages of 1 MiB and read no reply. Measures resident memory above that of the idle server. Each
    peer may need 16 KiB beyond the limit."""
    peers = 400
    with serve("len32", "--held", "64MiB") as server:
        before = resident_kib(server.pid)
        attack = Attack(server.port, peers)
        peak = 0
        end = time.monotonic() + 8
        while time.monotonic() < end:
            attack.turn()
            peak = max(peak, resident_kib(server.pid) - before)
    limit = 64 * MIB + peers * 16 * KIB + 4 * MIB
    allowed = "67,108,864 bytes, 16 KiB for each of 400, and 4 MiB of spare blocks"
    return [bytes_row("held bytes (--held 64MiB), as resident memory", limit, peak * KIB, allowed)]


def kernel_buffers(serve):
    """Peers that send as much as possible and read no reply. The first ones connect early, so that their buffers have
    time to grow."""
    peers = 220  # half of the limit is 144 KiB for each
    most = 0
    with serve("len32", "--kernel-buffers", "64MiB", "--max-connections", str(peers)) as server:
        attack = Attack(server.port, 0)
        for count in (2, 4, 16, 64, 150, peers):
            attack.peers = count
            end = time.monotonic() + 1
            while time.monotonic() < end:
                attack.turn()
                most = max(most, server.memory_of_kernel()[0])
    return [bytes_row("kernel's buffers (--kernel-buffers 64MiB)", 64 * MIB, most)]


def linger(serve):
    """The server has ended a connection, and its peer is silent, sends single bytes, or sends as fast as it can. The
    kernel accepts a buffer (256 KiB here) and a segment more than the server reads."""
    def attack(way):
        with serve("len32", "--kernel-buffers", "7MiB") as server:
            peer = server.come()
            began = time.monotonic()
            peer.sendall(struct.pack(">I", 2**32 - 1))
            until_end(peer)
            if way == "flood":
                with contextlib.suppress(ConnectionError):
                    while True:
                        peer.send(bytes(16 * KIB))
                info = peer.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 232)
                return struct.unpack_from("Q", info, 120)[0] - 4  # tcpi_bytes_acked, minus the header
            while server.connections():
                if way == "drip":
                    with contextlib.suppress(ConnectionError):
                        peer.send(b"x")
                time.sleep(0.02)
            return time.monotonic() - began

    *times, flood = side_by_side((attack, "silent"), (attack, "drip"), (attack, "flood"))
    return [time_row("linger at the end, time", 2, times),
            bytes_row("linger at the end, bytes", MIB + 576 * KIB, flood,
                      "1,048,576 bytes, a read (256 KiB) and the kernel's buffer (320 KiB)")]


def drain(serve):
    """Peers that send half a message, single bytes of a message, or whole messages without a pause; a peer that reads
    nothing, one that half-closed before its replies, and one that keeps sending after the server has closed."""
    with serve("len32") as server:
        peers = [server.come(receive_bytes=4096) for _ in range(6)]
        half, dripping, steady, taking_nothing, half_closed, lingering = peers
        half.sendall(len32(1000)[:500])
        send_while_possible(taking_nothing, len32(60_000), 0.3)
        send_while_possible(half_closed, len32(60_000), 0.3)
        half_closed.shutdown(socket.SHUT_WR)
        lingering.sendall(struct.pack(">I", 2**32 - 1))
        over = threading.Event()

        def drip(peer, data, interval):
            with contextlib.suppress(OSError):
                peer.settimeout(1)
                while not over.wait(interval):
                    peer.sendall(data)
                    if peer is steady:
                        peer.recv(1000)
        for each in ((dripping, b"\0", 0.5), (steady, MESSAGE, 0.002), (lingering, b"x", 0.1)):
            threading.Thread(target=drip, args=each, daemon=True).start()
        time.sleep(0.3)
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        code = server.process.wait(30)
        took = time.monotonic() - began
        over.set()
    line = time_row("drain", 10, [took])
    return [(*line[:3], line[3] and code == 143)]


HEAVY = (connections, connections_of_a_source, held, kernel_buffers)
SIDE_BY_SIDE = (stalled_send, first_message, whole_message, idle, linger, drain, message_size, outgoing)


def run_row(weir, backend, row):
    def serve(framing, *options):
        own = () if "--max-connections" in options and row is connections_of_a_source else ("--max-per-source", "none")
        return Server(weir, backend, framing, *own, *options)
    return {row.__name__: row(serve)}


def run_one_by_one(weir, backend, rows):
    lines = {}
    for row in rows:
        lines |= run_row(weir, backend, row)
    return lines


def main(weir):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    backends = ("epoll", "io_uring")
    with concurrent.futures.ProcessPoolExecutor(2 * (len(SIDE_BY_SIDE) + 1)) as pool:
        waits = {backend: [pool.submit(run_row, weir, backend, row) for row in SIDE_BY_SIDE] +
                 [pool.submit(run_one_by_one, weir, backend, HEAVY)] for backend in backends}
        lines = {backend: {name: rows for one in waits[backend] for name, rows in one.result().items()}
                 for backend in backends}
    order = (message_size, outgoing, stalled_send, first_message, whole_message, idle, *HEAVY, linger, drain)
    failed = False
    print("| limit | is | measured, epoll | measured, io_uring |\n|---|---|---|---|")
    for row in order:
        for one, other in zip(*(lines[backend][row.__name__] for backend in backends)):
            holds = one[3] and other[3]
            failed = failed or not holds
            print(f"| {one[0]} | {one[1]} | {one[2]} | {other[2]} |" + ("" if holds else " NOT KEPT"))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
