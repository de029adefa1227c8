#!/usr/bin/env python3
"""compare.py DRIVER: packs and unpacks random records with weir (DRIVER, record_driver) and with Python's struct, and
compares every answer: the bytes, the values, or that both refuse. Prints TAP. driver.cc defines how a case is written.

    RECORD_SEED=7 RECORD_CASES=1000000 tests/records/compare.py build/check/release/tests/record_driver

compare.py --answer acts as a driver with Python's struct. It also refuses what weir refuses on purpose: records of more
than 1 GiB; a format without an order, and @; and 0p, for which CPython writes outside its buffer."""
import math
import os
import random
import re
import struct
import subprocess
import sys

SECONDS = 120
CODES = "xcbB?hHiIlLqQefdsp"
BITS = dict(b=8, B=8, h=16, H=16, i=32, I=32, l=32, L=32, q=64, Q=64)
EDGES = sorted({sign * (1 << bits) + near for bits in (0, 7, 8, 15, 16, 31, 32, 63, 64) for sign in (-1, 1)
                for near in (-2, -1, 0, 1, 2)} - {0})
EDGES = [0] + [edge for edge in EDGES if -(1 << 63) <= edge < 1 << 64]
DOUBLES = [0.0, -0.0, 1.0, 0.1, math.inf, -math.inf, math.nan, -math.nan, 65504.0, 65519.9999, 65520.0, -65520.0,
           2.0 ** -14, 2.0 ** -24, 2.0 ** -25, math.nextafter(2.0 ** -25, 1), 5e-324, 1.7976931348623157e308,
           float.fromhex("0x1.fffffep127"), float.fromhex("0x1.ffffffp127"), float.fromhex("0x1.fffffefffffffp127")]


# ---- Python's side ----

def word_of(value, rounded):
    if isinstance(value, bool):
        return f"t{value:d}"
    if isinstance(value, int):
        return f"n{value}"
    if isinstance(value, bytes):
        return "b" + value.hex()
    if rounded and math.isnan(value):  # the payload of a NaN in e and f depends on the machine and the version
        value = math.copysign(math.nan, value)
    return "d" + struct.pack(">d", value).hex()


def value_of(word):
    kind, rest = word[0], word[1:]
    if kind == "n":
        return int(rest)
    if kind == "t":
        return rest == "1"
    if kind == "d":
        return struct.unpack(">d", bytes.fromhex(rest))[0]
    return bytes.fromhex(rest)


def answer(line):
    verb, text, *words = line.split()
    text = bytes.fromhex(text[1:]).decode("latin-1")
    try:
        if text[:1] not in ("!", "<", ">", "=") or re.search(r"(?<![0-9])0+p", text) or struct.calcsize(text) > 1 << 30:
            return "refused"
        if verb == "size":
            return str(struct.calcsize(text))
        if verb == "pack":
            return struct.pack(text, *map(value_of, words)).hex()
        return " ".join(word_of(value, True) for value in struct.unpack(text, bytes.fromhex(words[0][1:])))
    except (struct.error, OverflowError, UnicodeEncodeError):
        return "refused"


def without_payloads(line, verb):
    if verb != "unpack" or line == "refused":
        return line
    return " ".join(word_of(value_of(word), True) if word.startswith("d") else word for word in line.split())


# ---- cases ----

def random_format(draw):
    """Returns the fields as a list of (count as written, code), and the text of the format."""
    fields = []
    for _ in range(draw.choice([0, 1, 1, 2, 3, 5, 8])):
        code = draw.choice(CODES)
        count = draw.choice(["", "", "", "1", "2", "3", "0", "007", str(draw.randrange(40)), str(draw.randrange(250, 270))])
        if code == "p" and count and int(count) == 0:
            count = "1"
        if code not in "xsp" and count and int(count) > 8:
            count = "4"
        fields.append((count, code))
    blank = draw.choice(["", "", "", " ", "\t ", "\n\r\v\f"])
    return fields, draw.choice("!<>=") + blank + blank.join(count + code for count, code in fields) + blank


def spoil(draw, text):
    """Inserts, removes or replaces one character, or appends a field with a very large count."""
    place = draw.randrange(len(text) + 1)
    other = draw.choice(CODES + "0123456789 !@=<>nNPakFDz\n\0\x7f\xa0\xe9")
    kind = draw.randrange(4)
    if kind == 0:
        return text[:place] + other + text[place:]
    if kind == 1:
        return text[:place] + text[place + 1:]
    if kind == 2:
        return text[:place] + other + text[place + 1:]
    return text + str(draw.choice([draw.randrange(1 << 31), 1 << 30, (1 << 30) + 1, 1 << 62, 1 << 64])) + draw.choice(CODES)


def random_bytes(draw, size):
    return draw.choice([draw.randbytes, bytes, lambda n: b"\xff" * n, draw.randbytes])(size)


def fitting(draw, code, size):
    """Returns a value that usually fits in a field with this code."""
    if code in BITS:
        bits, least = BITS[code], -(1 << BITS[code] - 1) if code.islower() else 0
        return draw.choice([least, least + (1 << bits) - 1, least + draw.getrandbits(bits), draw.randrange(100), True])
    if code in "efd":
        narrow = {"e": 40, "f": 300, "d": 2000}[code]
        number = math.ldexp(draw.uniform(-1, 1), draw.randrange(-narrow, narrow) // 2)
        half = struct.unpack("<e", struct.pack("<H", draw.randrange(0x7c00)))[0]  # a half float; later also a midpoint
        return draw.choice([number, half + math.ldexp(draw.choice([0, 1, -1]), math.frexp(half)[1] - 12), draw.choice(DOUBLES),
                            draw.randrange(2000)])
    if code == "?":
        return draw.random() < 0.5
    if code == "c":
        return draw.randbytes(1)
    return random_bytes(draw, draw.choice([size, max(0, size - 1), size + 1, draw.randrange(size + 3), 0]))


def anything(draw):
    return draw.choice([draw.choice(EDGES), draw.getrandbits(64), -draw.getrandbits(63), draw.choice(DOUBLES), draw.random() < 0.5,
                        random_bytes(draw, draw.randrange(4))])


def case(draw):
    fields, text = random_format(draw)
    named = "-" + text.encode("latin-1").hex()
    kind = draw.random()
    if kind < 0.2:
        return f"size -{spoil(draw, text).encode('latin-1').hex()}"
    if kind < 0.5:
        size = struct.calcsize(text)
        if draw.random() < 0.1:
            size = max(0, size + draw.choice([-1, 1]))
        return f"unpack {named} -{random_bytes(draw, size).hex()}"
    values = []
    for count, code in fields:
        number = int(count or 1)
        if code in "sp":
            values.append(fitting(draw, code, number))
        elif code != "x":
            values += [fitting(draw, code, 1) for _ in range(number)]
    if draw.random() < 0.4 and values:
        values[draw.randrange(len(values))] = anything(draw)
    if draw.random() < 0.05:
        values = draw.choice([values[1:], values + [0]])
    return " ".join(["pack", named, *(word_of(value, False) for value in values)])


# ---- both sides ----

def main():
    seed = int(os.environ.get("RECORD_SEED", random.randrange(1 << 32)))
    count = int(os.environ.get("RECORD_CASES", 30000))
    draw = random.Random(seed)
    cases = [case(draw) for _ in range(count)]
    print(f"# {count} cases: RECORD_SEED={seed}")
    driver = subprocess.run(sys.argv[1:], input="\n".join(cases) + "\n", capture_output=True, text=True, timeout=SECONDS)
    answers = driver.stdout.split("\n")[:-1]
    ended = driver.returncode == 0 and len(answers) == count
    print(f"{'ok' if ended else 'not ok'} 1 records: the driver answers every case")
    if not ended:
        print(f"# exit code {driver.returncode}, {len(answers)} answers\n# {driver.stderr[-2000:]}")
    failed = not ended
    for number, verb in enumerate(("size", "pack", "unpack"), 2):
        pairs = [(one, answer(one), without_payloads(ours, verb))
                 for one, ours in zip(cases, answers) if one.startswith(verb + " ")]
        wrong = [pair for pair in pairs if pair[1] != pair[2]]
        refused = sum(python == "refused" for _, python, _ in pairs)
        # If no case or every case is refused, the comparison proves nothing.
        ok = not wrong and 0 < refused < len(pairs)
        failed |= not ok
        print(f"{'ok' if ok else 'not ok'} {number} records: {verb} as Python's struct ({len(pairs)} cases, {refused} refused)")
        for one, python, ours in wrong[:5]:
            text = bytes.fromhex(one.split()[1][1:]).decode("latin-1")
            print(f"# {one}\n#     format {text!r}\n#     weir   {ours}\n#     python {python}")
    print("1..4")
    sys.exit(failed)


if __name__ == "__main__":
    if sys.argv[1:] == ["--answer"]:
        for asked in sys.stdin:
            print(answer(asked))
    elif len(sys.argv) > 1:
        main()
    else:
        sys.exit(__doc__)
