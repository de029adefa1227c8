#!/usr/bin/env python3
"""Runs the programs that `weir framing F` prints, for every framing, against `weir serve` and against a peer that
sends single bytes.

    framing_programs.py WEIR ROOT [LIBRARIES]

The Python programs are also compared with the decoder: for damaged streams they must return the messages of `weir
explain`, and fail where it fails. With LIBRARIES (the folder of libweir.a) the C++ programs are compiled and run too.
"""
import concurrent.futures
import json
import os
import random
import re
import socket
import subprocess
import sys
import threading
import types

FRAMINGS = r"""
lines
lines:crlf
lines,end=deliver
lines,empty=reject,max=100
lines,max=20,oversize=skip
lines,check=crc16-x25
delimited:7e
delimited:"\r\n"/"\n"
delimited:"\r\n\r\n"/"\n\n"
delimited:1c0d,start=0b
delimited:7e,start=7e,escape=7d01:7d/7d02:7e,check=xor8
delimited:c0,escape=dbdc:c0/dbdd:db
delimited:c0,start=c0,escape=dbdc:c0/dbdd:db,empty=skip
lines,empty=skip
len32,empty=skip
delimited:7e,start=7e,escape=7d5d:7d/7d5e:7e,check=crc16-x25,empty=skip,max=40,oversize=skip
delimited:00,start=02,check=crc32c,cover=frame,max=40,oversize=skip
fixed:5
fixed:5,check=crc32,order=little
record:!I1sh
record:<BHe,check=sum8
len8
len16
len24
len32
len64
len16le
len24le
len32le
len64le
len16,offset=2,magic=cafe
len32,offset=1,counts=field
len32,offset=1,counts=field,header=keep
len16le,offset=4,counts=whole,magic=4d53
len8,counts=payload,check=crc16-modbus
len16,check=crc32,cover=frame,order=little,empty=reject
len16,offset=2,check=crc32c,cover=1
len16,max=20,oversize=skip
varint
varint,offset=1,header=keep
varint,counts=field,magic=aa
varint,counts=whole,offset=2,check=sum8
varint,counts=payload,check=crc16-x25,order=big
varint,overlong=allow,max=200
len24,after=6,header=keep
len16,magic=ca,after=2,header=after
len16,magic=ca,after=1,counts=whole,header=after,check=crc16-kermit,cover=frame
len8,after=12,empty=reject
len32,offset=3,trailer=ce
len8,magic=7878,check=crc16-x25,order=big,cover=2,trailer=0d0a
len16,counts=whole,trailer=ce,max=20,oversize=skip
len32,mask=7fffffff,flags=80000000
len16le,offset=2,counts=whole,times=4,header=keep
len8,times=2,check=crc16-arc
len8,counts=field,short=empty
ber
ber,magic=30,header=keep
ber,overlong=allow,counts=whole
dec5
dec2,counts=field,check=crc16-ccitt-false
hex4,counts=whole,short=empty
hex2,header=keep
digits:20
header:Content-Length
header:Content-Length,header=keep,check=crc32
header:n,max=20,oversize=skip,empty=reject
digits:"\r\n",magic=24,trailer=0d0a
digits:3a,counts=field,overlong=allow,check=crc16-xmodem
len8,check=lrc8
len8,check=fletcher8
len8,check=sum16
varint,max=20,oversize=skip
netstring
netstring,check=crc32,empty=reject
netstring,max=20,oversize=skip
""".split()


def messages_for(text, program):
    draw = random.Random(text)
    size = getattr(program, "SIZE", None)
    if size:
        drawn = [draw.randbytes(size) for _ in range(8)]
    elif text.startswith("header:") and "header=keep" in text:
        drawn = [b"Content-Type: x\r\n" * (m % 2) + program.length_for(m + program.CHECK) + draw.randbytes(m) for m in (0, 1, 8, 91)]
    elif "header=keep" in text:
        drawn = [program.MAGIC + draw.randbytes(program.OFFSET - len(program.MAGIC)) + program.length_for(m + program.CHECK)
                 + draw.randbytes(program.AFTER) + draw.randbytes(m) for m in (0, 4, 8, 92)]
    else:
        drawn = [b"hello", b"", b"a", b"~}|{", bytes(range(14)), b"\xc0\xdb\xdc", b"x" * 19] + [draw.randbytes(n) for n in (3, 17, 90, 127, 128, 190, 5000)]
    good = []
    for message in drawn:
        try:
            program.encode(message)
            good.append(message)
        except (ValueError, OverflowError):
            pass
    assert len(good) >= 4, (text, good)
    return good


def load(source):
    program = types.ModuleType("program")
    exec(compile(source, "program", "exec"), program.__dict__)
    return program


def talk(command, port, messages, where):
    out = subprocess.run([*command, "127.0.0.1", str(port)], input="".join(m.hex() + "\n" for m in messages), text=True,
                         capture_output=True, timeout=30)
    got = out.stdout.split("\n")[:-1]
    assert out.returncode == 0 and got == [m.hex() for m in messages], (where, out.returncode, out.stderr, got[:5], [m.hex() for m in messages][:5])


def drip(listener):
    """Sends every byte back, each in its own send."""
    connection, _ = listener.accept()
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with connection:
        while part := connection.recv(4096):
            for byte in part:
                connection.sendall(bytes([byte]))


class Pieces:
    """A connection that returns a stream in pieces of random size."""

    def __init__(self, stream, draw):
        self.stream, self.draw = stream, draw

    def recv(self, size):
        count = min(size, self.draw.randint(1, 9))
        part, self.stream = self.stream[:count], self.stream[count:]
        return part


def near_misses(text, program, frame):
    """Returns streams with a mistake of one byte: over the limit, a further carriage return, a longer length field."""
    streams = []
    if program.MAX < 1000 and not hasattr(program, "SIZE"):
        limit, program.MAX = program.MAX, program.MAX + 1
        try:
            streams += [frame + program.encode(b"x" * program.MAX) + frame]
        except (OverflowError, ValueError):
            pass  # the length field cannot hold a greater number, or not this one
        program.MAX = limit
    if text.startswith("lines"):
        streams += [frame + b"a\r\r\n" + frame, frame + b"\r\n", b"a\r"]
    if text.startswith("varint"):
        length = program.length_for(program.CHECK + 5)
        begin = program.MAGIC + bytes(program.OFFSET - len(program.MAGIC))
        streams += [frame + begin + length[:-1] + bytes([length[-1] | 0x80, 0]) + b"hello" + bytes(program.CHECK)]
    return streams


def held_to_decoder(weir, text, program, messages):
    draw = random.Random(text)
    frames = [program.encode(m) for m in messages if len(m) < 300]
    streams = [b"".join(draw.sample(frames, min(len(frames), 4))) for _ in range(10)]
    undamaged = len(near_misses(text, program, frames[0])) + 1
    streams = [*near_misses(text, program, frames[0]), *streams]
    for trial, stream in enumerate(map(bytearray, streams)):
        if trial >= undamaged:
            for _ in range(draw.randint(1, 2)):
                place = draw.randrange(len(stream))
                kind = draw.randrange(4)
                if kind == 0:
                    del stream[place:]
                elif kind == 1:
                    stream[place] = draw.choice([0, 0xff, 10, 13, 0x7e, 0x7d, draw.randrange(256)])
                elif kind == 2:
                    del stream[place]
                else:
                    stream.insert(place, draw.randrange(256))
                stream = stream or bytearray(b"x")
        out = subprocess.run([weir, "explain", "--in", "raw", "--json", "-f", text], input=bytes(stream), capture_output=True)
        want, end = [], "end"
        for line in out.stdout.splitlines():
            event = json.loads(line)
            if event["event"] == "frame":
                want.append(bytes.fromhex(event["payload_hex"]))
            elif event["event"] in ("broken", "truncated"):
                end = "broken"
                break
        got, ended = [], "end"
        reader = program.Stream(Pieces(bytes(stream), draw))
        try:
            while (message := program.receive(reader)) is not None:
                got.append(message)
        except program.Broken:
            ended = "broken"
        assert (got, ended) == (want, end), (text, stream.hex(), got, ended, want, end)


def try_framing(weir, text, cpp):
    source = subprocess.run([weir, "framing", text, "--python"], capture_output=True, text=True, check=True).stdout
    program = load(source)
    messages = messages_for(text, program)
    held_to_decoder(weir, text, program, messages)
    commands = [("python", [sys.executable, "-c", source])] + ([("C++", cpp)] if cpp else [])
    server = subprocess.Popen([weir, "serve", "127.0.0.1:0", "-f", text], stderr=subprocess.PIPE, text=True)
    try:
        port = int(re.search(r":(\d+) \(", server.stderr.readline())[1])
        for name, command in commands:
            talk(command, port, messages, (text, name, "serve"))
    finally:
        server.terminate()
        server.communicate()
    for name, command in commands:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            threading.Thread(target=drip, args=(listener,), daemon=True).start()
            talk(command, listener.getsockname()[1], [m for m in messages if len(m) < 300], (text, name, "drip"))


def compile_all(weir, root, libraries):
    """Compiles one program with each printed program in its own namespace; the first argument selects one of them."""
    includes, bodies = set(), []
    for i, text in enumerate(FRAMINGS):
        source = subprocess.run([weir, "framing", text, "--cpp"], capture_output=True, text=True, check=True).stdout
        includes.update(re.findall(r"^#include .*$", source, re.M))
        body = re.sub(r"^#include .*$", "", source, flags=re.M).replace("int main(int argc", "int run(int argc")
        bodies.append(f"namespace program{i} {{\n{body}}}\n")
    table = ", ".join(f"program{i}::run" for i in range(len(FRAMINGS)))
    with open("programs.cpp", "w") as f:
        f.write("\n".join(sorted(includes)) + "\n" + "".join(bodies) + f"int main(int argc, char** argv) {{\n"
                f"    static constexpr int (*all[])(int, char**) = {{{table}}};\n"
                f"    return all[std::stoul(argv[1])](argc - 1, argv + 1);\n}}\n")
    with open("one.cpp", "w") as f:  # and one program as it is printed
        f.write(subprocess.run([weir, "framing", FRAMINGS[0], "--cpp"], capture_output=True, text=True, check=True).stdout)
    for name in ("programs", "one"):
        subprocess.run(["g++", "-std=c++20", "-Wall", "-Wextra", "-Werror", f"-I{root}", f"{name}.cpp", "-o", name, f"{libraries}/libweir.a",
                        f"{libraries}/libweir_framing.a", "-pthread"], check=True)


def main(weir, root, libraries):
    if libraries:
        compile_all(weir, root, libraries)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        runs = {pool.submit(try_framing, weir, text, ["./programs", str(i)] if libraries else None): text
                for i, text in enumerate(FRAMINGS)}
        failed = 0
        for run in concurrent.futures.as_completed(runs):
            if run.exception():
                failed += 1
                print(runs[run], repr(run.exception())[:600])
    print(f"{len(FRAMINGS) - failed} of {len(FRAMINGS)} framings")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3] if len(sys.argv) > 3 else None))
