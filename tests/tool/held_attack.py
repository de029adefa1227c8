"""held_attack.py PORT PID PEERS SECONDS: PEERS peers send len32 messages of 1 MiB to a server and read no reply. A peer
whose connection is closed connects again. At the same time a good client sends a message every 10 ms. Prints one line:

    sent MIB closed N good N failed N worst_ms N peak_kib N rest_kib N

peak_kib and rest_kib are the server's resident memory: the maximum during the attack, and some time after its end.
"""
import resource
import selectors
import socket
import struct
import sys
import threading
import time

MESSAGE = struct.pack(">I", 1 << 20) + bytes(1 << 20)
GOOD = struct.pack(">I", 4) + b"good"


def resident_kib(pid):
    with open(f"/proc/{pid}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))


class GoodClient(threading.Thread):
    """Sends messages until `end`, and checks that each one is echoed."""

    def __init__(self, port, end):
        super().__init__(daemon=True)
        self.port, self.end, self.times, self.failed = port, end, [], 0

    def ask(self, connection):
        began = time.monotonic()
        connection.sendall(GOOD)
        reply = b""
        while len(reply) < len(GOOD):
            more = connection.recv(100)
            if not more:
                raise OSError("closed")
            reply += more
        if reply != GOOD:
            raise OSError("another reply")
        self.times.append(time.monotonic() - began)

    def run(self):
        connection = None
        while time.monotonic() < self.end:
            try:
                if connection is None:
                    connection = socket.create_connection(("127.0.0.1", self.port), 10)
                    connection.settimeout(10)
                self.ask(connection)
            except OSError as why:
                print("good client:", why, file=sys.stderr)
                self.failed += 1
                connection = None
            time.sleep(0.01)


class Attack:
    def __init__(self, port, peers):
        self.port, self.peers, self.number = port, peers, 0
        self.waits, self.place = selectors.DefaultSelector(), {}
        self.sent = self.closed = 0

    def come(self):
        peer = socket.socket()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)  # keeps the replies in the server
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 65536)
        peer.setblocking(False)
        self.number += 1
        source = self.number % 2000
        peer.bind((f"127.1.{source // 200}.{1 + source % 200}", 0))
        peer.connect_ex(("127.0.0.1", self.port))
        self.place[peer] = 0
        self.waits.register(peer, selectors.EVENT_WRITE)

    def turn(self):
        for _ in range(min(200, self.peers - len(self.place))):
            self.come()
        for key, _ in self.waits.select(0.05):
            peer = key.fileobj
            place = self.place[peer]
            try:
                count = peer.send(memoryview(MESSAGE)[place:place + 65536])
                self.place[peer] = (place + count) % len(MESSAGE)
                self.sent += count
            except BlockingIOError:
                pass
            except OSError:
                self.closed += 1
                self.leave(peer)

    def leave(self, peer):
        self.waits.unregister(peer)
        peer.close()
        del self.place[peer]


def main(port, pid, peers, seconds):
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    end = time.monotonic() + seconds
    good = GoodClient(port, end)
    good.start()
    attack = Attack(port, peers)
    peak = 0
    while time.monotonic() < end:
        attack.turn()
        peak = max(peak, resident_kib(pid))
    for peer in list(attack.place):
        attack.leave(peer)
    good.join()
    rest = resident_kib(pid)
    for _ in range(100):  # the server first receives what they sent before they closed
        time.sleep(0.1)
        now = resident_kib(pid)
        if now >= rest and rest < 100_000:
            break
        rest = min(rest, now)
    print(f"sent {attack.sent >> 20} closed {attack.closed} good {len(good.times)} failed {good.failed} "
          f"worst_ms {1000 * max(good.times, default=0):.0f} peak_kib {peak} rest_kib {rest}")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
