#!/usr/bin/env python3
"""tls_floods.py WEIR BACKEND: attacks `weir serve --tls` beside a good client. 5,000 handshakes from many addresses of
127/8 stall, 100 more send a byte a second, and 200 send bytes that are not TLS records. Prints a row of the table in
docs/EVIDENCE.md. Fails if the good client had an error or waited for two seconds, if a connection ended without a
reason, or if the server used more memory than its limits allow."""
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
import time

HALF_OPEN, SLOW, BROKEN = 5000, 100, 200
SECONDS = 14  # the time limit of a handshake is 10 s
MOST_RESIDENT = 256 << 20
HELLO = bytes.fromhex("1603010200010001fc0303")  # the beginning of a ClientHello


def main():
    weir, backend = sys.argv[1:3]
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    server = subprocess.Popen(
        [weir, "serve", "127.0.0.1:0", "-f", "lines", "--tls", "--json", "--backend", backend, "--max-connections", "8000"],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    events = []
    port = None
    for line in server.stdout:
        events.append(json.loads(line))
        if events[-1]["event"] == "listening":
            port = int(re.search(r":(\d+)$", events[-1]["address"])[1])
            break
    reading = threading.Thread(target=lambda: events.extend(json.loads(line) for line in server.stdout))
    reading.start()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    waits, errors = [], []
    over = threading.Event()

    def good():
        while not over.is_set():
            began = time.monotonic()
            try:
                with context.wrap_socket(socket.create_connection(("127.0.0.1", port), 10)) as one:
                    one.sendall(b"hello\n")
                    if one.recv(100) != b"hello\n":
                        errors.append("another answer")
            except OSError as why:
                errors.append(str(why))
            waits.append(time.monotonic() - began)
            time.sleep(0.02)

    asking = threading.Thread(target=good)
    asking.start()
    began = time.monotonic()
    standing, slow = [], []
    for i in range(HALF_OPEN):
        one = socket.socket()
        one.bind((f"127.{1 + i % 200}.{i // 200 % 200}.7", 0))
        one.connect(("127.0.0.1", port))
        one.send(HELLO)
        standing.append(one)
        if i % (HALF_OPEN // BROKEN) == 0:
            with socket.create_connection(("127.0.0.1", port)) as broken:
                broken.send(os.urandom(1 + i % 90))
        if i % (HALF_OPEN // SLOW) == 0:
            slow.append(socket.create_connection(("127.0.0.1", port)))
    opened = time.monotonic() - began
    resident = 0
    for second in range(SECONDS):
        for one in slow:
            try:
                one.send(HELLO[second % len(HELLO):][:1])
            except OSError:
                pass
        with open(f"/proc/{server.pid}/statm") as statm:
            resident = max(resident, int(statm.read().split()[1]) * 4096)
        time.sleep(1)
    over.set()
    asking.join()
    times = os.times()
    server.send_signal(signal.SIGTERM)
    server.wait(30)
    reading.join()
    used = os.times().children_user + os.times().children_system - times.children_user - times.children_system
    failed = [event for event in events if event["event"] == "handshake_failed"]
    reasons = {}
    for event in failed:
        text = event.get("text") or event.get("error", {}).get("text") or json.dumps(event)
        kind = "timed out" if "timed out" in text else "dropped" if "dropped in favour of newer" in text else \
            "closed" if "closed during" in text else "no TLS"
        reasons[kind] = reasons.get(kind, 0) + 1
    counted = next(event for event in events if event["event"] == "summary")["handshakes_failed"]
    reasons["in all, with those that the log left out"] = counted
    waits.sort()
    print(f"| {backend} | {HALF_OPEN} in {opened:.1f} s, {SLOW} slow, {BROKEN} broken | {reasons} | {len(waits)} | {len(errors)} | "
          f"{1000 * waits[len(waits) // 2]:.1f} | {1000 * waits[-1]:.0f} | {resident >> 20} | {used:.1f} |")
    for one in errors[:5]:
        print("a good client:", one)
    good_enough = not errors and waits[-1] < 2 and resident < MOST_RESIDENT
    return 0 if good_enough and counted >= HALF_OPEN + SLOW + BROKEN else 1


sys.exit(main())
