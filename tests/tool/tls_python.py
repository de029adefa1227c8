# Uses TLS of Python's standard library, as a client of `weir serve` and as a server for `weir connect`.
#
#     tls_python.py client PORT VERSION AUTHORITY OWN HOW    OWN: certificate and key, or ""; HOW: once, twice
#     tls_python.py server FOLDER                            all certificates of the tests are in FOLDER
#
# The client sends "hello", prints the reply, and ends at the end of its standard input. With `twice` it resumes the
# session of an earlier connection. The server listens on a port for each case and version, prints "CASE VERSION PORT"
# for each, and sends back what it receives. The case `rude` ends without close_notify after the first reply.
import socket
import ssl
import sys
import threading

versions = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}


def limit(context, version):
    context.minimum_version = context.maximum_version = versions[version]
    return context


def open_client(context, port, session):
    connected = socket.create_connection(("127.0.0.1", port), 15)
    return context.wrap_socket(connected, server_hostname="localhost", session=session)


def end(connection):
    try:
        connection.unwrap()
    except (ssl.SSLError, OSError):
        pass  # the peer need not wait for it
    connection.close()


def client(port, version, authority, own, how):
    context = limit(ssl.create_default_context(cafile=authority), version)
    if own:
        context.load_cert_chain(own)
    session = None
    for last in (False, True) if how == "twice" else (True,):
        connection = open_client(context, int(port), session)
        connection.sendall(b"hello\n")
        reply = connection.recv(100)
        session = connection.session
        if last:
            sys.stdout.buffer.write(reply)
            sys.stdout.flush()
            sys.stdin.read()
        end(connection)


def serve_one(context, case, raw):
    try:
        connection = context.wrap_socket(raw, server_side=True)
        while came := connection.recv(100):
            connection.sendall(came)
            if case == "rude":
                return socket.close(connection.detach())
        end(connection)
    except (ssl.SSLError, OSError):
        raw.close()


def accept_all(context, case, listening):
    while True:
        serve_one(context, case, listening.accept()[0])


def server(folder):
    certificates = {"valid": "server", "wrong_host": "elsewhere", "expired": "expired", "unknown": "unknown",
                    "mutual": "server", "rude": "server"}
    for case, name in certificates.items():
        for version in versions:
            context = limit(ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), version)
            context.load_cert_chain(f"{folder}/{name}.crt", f"{folder}/{name}.key")
            if case == "mutual":
                context.verify_mode = ssl.CERT_REQUIRED
                context.load_verify_locations(f"{folder}/authority.crt")
            listening = socket.create_server(("127.0.0.1", 0))
            print(case, version, listening.getsockname()[1], flush=True)
            threading.Thread(target=accept_all, args=(context, case, listening), daemon=True).start()
    sys.stdin.read()


{"client": client, "server": server}[sys.argv[1]](*sys.argv[2:])
