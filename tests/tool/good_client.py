"""good_client.py PORT SECONDS: a client of `lines` sends a message every 2 ms, and checks that it is echoed. Prints the
median, the 99th percentile and the maximum of the reply times in ms, as cells of a table. Exit code 1 if a reply is
wrong, or none arrives within 10 s.
"""
import socket
import sys
import time

port, seconds = int(sys.argv[1]), float(sys.argv[2])
server = socket.create_connection(("127.0.0.1", port), 10)
server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
times = []
end = time.monotonic() + seconds
while time.monotonic() < end:
    began = time.monotonic()
    question = b"still there? %d\n" % len(times)
    server.sendall(question)
    reply = b""
    while len(reply) < len(question):
        more = server.recv(100)
        assert more, "the server closed"
        reply += more
    assert reply == question, reply
    times.append((time.monotonic() - began) * 1000)
    time.sleep(0.002)
times.sort()
print(" | ".join(f"{t:.2f}" for t in (times[len(times) // 2], times[len(times) * 99 // 100], times[-1])))
