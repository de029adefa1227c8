#!/usr/bin/env python3
"""Measures how often `weir explain` without -f guesses lines first for text files.

    text_guesses.py WEIR [--least SHARE] [--most NUMBER] (FILE | DIRECTORY)...

A text file is UTF-8, has no control bytes except tab, CR and LF, and at least two line feeds. Its first 64 KiB are
used, up to the last line feed. All files in a DIRECTORY are candidates; at most NUMBER are drawn, with a fixed seed. A
guess is right if `lines` or `lines:crlf` is in the first rank. Prints the other guesses. Exit code 1 if fewer than
SHARE (0.98) are right.
"""
import argparse
import collections
import concurrent.futures
import json
import os
import random
import subprocess
import sys

SAMPLE = 64 * 1024


def files_of(places):
    for place in places:
        if os.path.isfile(place):
            yield place
            continue
        for folder, _, names in os.walk(place):
            yield from (os.path.join(folder, name) for name in sorted(names))


def text_of(path):
    try:
        with open(path, "rb") as file:
            content = file.read(SAMPLE)
    except OSError:
        return None
    content = content[:content.rfind(b"\n") + 1]
    if content.count(b"\n") < 2 or any(byte < 32 and byte not in b"\t\r\n" for byte in content):
        return None
    try:
        content.decode()
    except UnicodeDecodeError:
        return None
    return content


def first_of(weir, content):
    out = subprocess.run([weir, "explain", "--json", "--in", "raw"], input=content, capture_output=True, check=False)
    if out.returncode not in (0, 1, 3) or (out.returncode == 1 and not out.stderr):
        raise SystemExit(f"exit {out.returncode}: {out.stderr.decode()}")
    for line in out.stdout.splitlines():
        event = json.loads(line)
        if event["event"] == "guess":
            return event["framings"]
        break
    return ["none"]


def main():
    options = argparse.ArgumentParser()
    options.add_argument("weir")
    options.add_argument("places", nargs="+")
    options.add_argument("--least", type=float, default=0.98)
    options.add_argument("--most", type=int, default=0)
    given = options.parse_args()
    paths = [path for path in files_of(given.places) if not os.path.islink(path)]
    random.Random(1).shuffle(paths)
    texts = []
    for path in paths:
        content = text_of(path)
        if content is not None:
            texts.append((path, content))
        if given.most and len(texts) == given.most:
            break
    others = collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for (path, content), names in zip(texts, pool.map(lambda text: first_of(given.weir, text[1]), texts)):
            if not {"lines", "lines:crlf"} & set(names):
                others[names[0]] += 1
                print(f"{path}: {len(content)} bytes, {content.count(bytes([10]))} lines, taken for {names[0]}")
    right = len(texts) - sum(others.values())
    print(f"lines first: {right} of {len(texts)}, {right / max(len(texts), 1):.1%}; else " +
          (", ".join(f"{name} {number}" for name, number in others.most_common(8)) or "nothing"))
    return 0 if texts and right >= given.least * len(texts) else 1


if __name__ == "__main__":
    sys.exit(main())
