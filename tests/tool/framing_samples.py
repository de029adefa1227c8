#!/usr/bin/env python3
"""Makes streams of messages in random framings, to test `weir explain` without -f.

    framing_samples.py SEED COUNT DIRECTORY

Writes COUNT files N.bin, and index.jsonl with one object on each line: file, framing (as weir's text), kinds of framing
and of messages, the number of whole messages, and whether the stream was cut. The same seed gives the same files. The
framings are implemented here, without weir. The samples follow real protocols, and not what is easy to guess.
"""
import functools
import json
import os
import random
import struct
import sys
import zlib

WORDS = ("the weir holds water back measures it and lets through evenly temperature pressure valve open closed error "
         "user login logout price order status ok failed retry node client server request reply Straße 温度 naïve").split()


# ---- messages ----

def text_message(draw):
    return " ".join(draw.choice(WORDS) for _ in range(draw.randint(1, 14))).encode()


def json_message(draw):
    fields = {draw.choice(WORDS): draw.choice([draw.randint(0, 10**6), draw.random(), draw.choice(WORDS), None, True])
              for _ in range(draw.randint(1, 6))}
    return json.dumps(fields, ensure_ascii=draw.random() < 0.5).encode()


def binary_message(draw, longest=200):
    return draw.randbytes(draw.randint(1, longest))


class Records:
    """Telemetry: a type, a counter, some measurements. A stream has one layout, or two."""

    def __init__(self, draw):
        self.layouts = [draw.choice("<>") + "B" + "".join(draw.choice(["H", "I", "f", "h", "8s", "d"])
                                                          for _ in range(draw.randint(2, 6)))
                        for _ in range(draw.randint(1, 2))]
        self.count = draw.randint(0, 60000)

    def __call__(self, draw):
        which = draw.randrange(len(self.layouts))
        self.count = (self.count + 1) % 65536
        return pack(draw, self.layouts[which], which + 1, self.count)


def pack(draw, layout, first, count):
    values = []
    for code in layout[1:].replace("8s", "s"):
        if code in "fd":
            values.append(draw.gauss(20, 5))
        elif code == "s":
            values.append(draw.choice(WORDS).encode()[:8])
        elif code == "B":
            values.append(first)
        elif code == "h":
            values.append(draw.randint(-300, 300))
        else:
            values.append(count)
    return struct.pack(layout, *values)


def messages_of(draw, kind, number):
    if kind == "records":
        make = Records(draw)
    else:
        make = {"text": text_message, "json": json_message, "binary": binary_message}[kind]
    return [make(draw) for _ in range(number)]


# ---- checksums ----

def reflected_crc(content, polynomial, state, final):
    for byte in content:
        state ^= byte
        for _ in range(8):
            state = (state >> 1) ^ (polynomial if state & 1 else 0)
    return state ^ final


CHECKS = {  # name: bytes, usual byte order, function
    "xor8": (1, "big", lambda b: functools.reduce(lambda x, y: x ^ y, b, 0)),
    "sum8": (1, "big", lambda b: sum(b) & 0xff),
    "crc16-modbus": (2, "little", lambda b: reflected_crc(b, 0xa001, 0xffff, 0)),
    "crc16-x25": (2, "little", lambda b: reflected_crc(b, 0x8408, 0xffff, 0xffff)),
    "crc32": (4, "big", zlib.crc32),
    "crc32c": (4, "big", lambda b: reflected_crc(b, 0x82f63b78, 0xffffffff, 0xffffffff)),
}


class Check:
    """A checksum of the payload, or of the frame from its first byte. About one stream in three has one."""

    def __init__(self, draw, probability=1 / 3):
        self.text, self.size, self.frame = "", 0, False
        if draw.random() >= probability:
            return
        name = draw.choice(list(CHECKS))
        self.size, order, self.function = CHECKS[name]
        self.text = f",check={name}"
        if draw.random() < 0.4:
            self.frame = True
            self.text += ",cover=frame"
        if self.size > 1 and draw.random() < 0.3:
            order = "little" if order == "big" else "big"
            self.text += f",order={order}"
        self.order = order

    def of(self, header, payload):
        if not self.size:
            return b""
        return self.function((header if self.frame else b"") + payload).to_bytes(self.size, self.order)


# ---- framings: each returns its text, and a function from a message to its frame, or None if it cannot carry it ----

def lines(draw):
    crlf = draw.random() < 0.4
    end = b"\r\n" if crlf else b"\n"
    return ("lines:crlf" if crlf else "lines"), lambda m: None if b"\n" in m or m.endswith(b"\r") else m + end


def delimited(draw):
    mark = draw.choice([b"\0", b"\x03", b"\x1e", b";", b"|", b"\r", b"\r\n\r\n", b"\n\n", b"\x1c\r", b"\r\n.\r\n", b"##",
                        draw.randbytes(1), draw.randbytes(2)])
    start = draw.choice([b"", b"", b"", b"\x02", b"\x0b", b"$", b":"])
    text = f"delimited:{mark.hex()}" + (f",start={start.hex()}" if start else "")

    def frame(message):
        body = message + mark
        return start + body if body.find(mark) == len(message) and start not in (mark,) else None
    return text, frame


ESCAPES = [(b"\x7e", b"\x7e", {0x7d: b"\x7d\x01", 0x7e: b"\x7d\x02"}),  # JT/T 808
           (b"\xc0", b"", {0xc0: b"\xdb\xdc", 0xdb: b"\xdb\xdd"}),  # SLIP
           (b"\x7e", b"\x7e", {0x7d: b"\x7d\x5d", 0x7e: b"\x7d\x5e"})]  # PPP


def stuffed(draw):
    mark, start, table = draw.choice(ESCAPES)
    check = Check(draw, 0.6)
    escapes = "/".join(f"{wire.hex()}:{plain:02x}" for plain, wire in table.items())
    text = f"delimited:{mark.hex()}" + (f",start={start.hex()}" if start else "") + f",escape={escapes}" + check.text

    def frame(message):
        plain = message + check.of(start, message)
        return start + b"".join(table.get(b, bytes([b])) for b in plain) + mark
    return text, frame


def header_options(draw):
    """The bytes before the length, which may begin with a magic, and what the length counts."""
    magic = draw.choice([b"", b"", b"", b"\xca\xfe", b"MSG", b"\xaa", b"\xaa\x55", draw.randbytes(2)])
    offset = len(magic) + draw.choice([0, 0, 0, 1, 2])
    counts = draw.choice(["body", "body", "body", "field", "whole", "payload"])
    text = (f",offset={offset}" if offset != len(magic) else "") + (f",counts={counts}" if counts != "body" else "")
    text += f",magic={magic.hex()}" if magic else ""
    kinds = [draw.randrange(256) for _ in range(draw.randint(1, 4))]  # the header byte of a message's type

    def before(message):
        rest = offset - len(magic)
        kind = kinds[len(message) % len(kinds)]
        return magic + bytes([kind, *[0] * rest])[:rest]
    return text, offset, counts, before


def length(draw):
    width = draw.choice([1, 2, 2, 3, 4, 4, 4, 8])
    order = draw.choice(["big", "little"]) if width > 1 else "big"
    options, offset, counts, before = header_options(draw)
    check = Check(draw)
    name = f"len{8 * width}" + ("le" if order == "little" else "")

    def frame(message):
        number = len(message) + {"body": check.size, "payload": 0, "field": check.size + width,
                                 "whole": check.size + offset + width}[counts]
        if number >= 256 ** width:
            return None
        header = before(message) + number.to_bytes(width, order)
        return header + message + check.of(header, message)
    return name + options + check.text, frame


def leb128(number):
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    return bytes(out + bytes([number]))


def varint(draw):
    options, offset, counts, before = header_options(draw)
    check = Check(draw)

    def frame(message):
        width = 1
        while True:
            number = len(message) + {"body": check.size, "payload": 0, "field": check.size + width,
                                     "whole": check.size + offset + width}[counts]
            if len(leb128(number)) <= width:
                break
            width += 1
        header = before(message) + leb128(number)
        return header + message + check.of(header, message)
    return "varint" + options + check.text, frame


def netstring(draw):
    return "netstring", lambda m: b"%d:%b," % (len(m), m)


KINDS = {"lines": lines, "delimited": delimited, "stuffed": stuffed, "length": length, "varint": varint,
         "netstring": netstring}


def fixed(draw, number):
    """Messages of one size: records of one layout, blocks of random bytes, or padded text."""
    check = Check(draw)
    kind = draw.choice(["records", "records", "binary", "text"])
    if kind == "records":
        layout = draw.choice("<>") + "B" + "".join(draw.choice(["H", "I", "f", "h", "8s", "d"])
                                                   for _ in range(draw.randint(2, 6)))
        count = draw.randint(0, 60000)
        messages = [pack(draw, layout, 1, (count + i) % 65536) for i in range(number)]
        text = f"record:{layout}" if draw.random() < 0.5 else f"fixed:{struct.calcsize(layout)}"
    else:
        size = draw.choice([8, 12, 16, 20, 32, 64])
        messages = [draw.randbytes(size) if kind == "binary" else text_message(draw)[:size].ljust(size, b" ")
                    for _ in range(number)]
        text = f"fixed:{size}"
    return text + check.text, kind, [m + check.of(b"", m) for m in messages]


def one_sample(draw):
    number = draw.choice([2, 3, 5, 8, 12, 20, 40])
    name = draw.choice([*KINDS, "length", "fixed"])  # most protocols have lengths
    if name == "fixed":
        text, kind, frames = fixed(draw, number)
    else:
        kind = draw.choice(["text", "json"] if name == "lines" else ["text", "json", "binary", "records"])
        text, frame = KINDS[name](draw)
        frames = [f for f in map(frame, messages_of(draw, kind, number)) if f is not None]
    if len(frames) < 2:
        return one_sample(draw)
    stream = b"".join(frames)
    cut = draw.random() < 0.25
    if cut:
        # The cut is inside a frame after the second one: a cut between two frames would only make the sample shorter.
        least = len(frames[0]) + len(frames[1]) + 1
        cut = least < len(stream)
        stream = stream[:draw.randint(least, len(stream) - 1)] if cut else stream
    whole, at = 0, 0
    while whole < len(frames) and at + len(frames[whole]) <= len(stream):
        at += len(frames[whole])
        whole += 1
    return {"framing": text, "family": name, "messages": kind, "whole": whole, "cut": at != len(stream)}, stream


def write_samples(seed, count, directory):
    draw = random.Random(seed)
    os.makedirs(directory, exist_ok=True)
    with open(os.path.join(directory, "index.jsonl"), "w") as index:
        for i in range(count):
            sample, stream = one_sample(draw)
            sample["file"] = f"{i}.bin"
            with open(os.path.join(directory, sample["file"]), "wb") as f:
                f.write(stream)
            index.write(json.dumps(sample) + "\n")


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit("usage: framing_samples.py SEED COUNT DIRECTORY")
    write_samples(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
