#!/usr/bin/env python3
"""Measures how often `weir explain` without -f guesses the right framing first.

    framing_guesses.py WEIR DIRECTORY [LEAST]

framing_samples.py wrote DIRECTORY. A guess is right if the framing of the sample is in the first rank, alone or with
framings that fit equally, and the first framing of that rank gives the same frames and messages. Prints the wrong
guesses, and fails if less than LEAST (0.9) of the guesses are right.
"""
import collections
import concurrent.futures
import json
import os
import struct
import subprocess
import sys


def explained(weir, path, *options):
    out = subprocess.run([weir, "explain", "--json", "--in", "raw", *options, path], capture_output=True)
    if out.returncode not in (0, 1, 3) or (out.returncode == 1 and not out.stderr):
        raise SystemExit(f"{path} {options}: exit {out.returncode}: {out.stderr.decode()}")
    return [json.loads(line) for line in out.stdout.splitlines()]


def frames(events):
    return [(e["offset"], e["size"], e["payload_hex"]) for e in events if e["event"] == "frame"]


def same_name(weir, text):
    """Returns the text as weir prints it, without options that change nothing: counts=payload without a checksum, and
    cover=frame without bytes before the payload. A record becomes a fixed size, as its fields cannot be guessed."""
    if text.startswith("record:"):
        layout, _, options = text[7:].partition(",")
        text = f"fixed:{struct.calcsize(layout)}" + (f",{options}" if options else "")
    if ",check=" not in text:
        text = text.replace(",counts=payload", "")
    if text.startswith(("fixed", "delimited")) and ",start=" not in text:
        text = text.replace(",cover=frame", "")
    out = subprocess.run([weir, "explain", "-f", text, "--json", "/dev/null"], capture_output=True, check=True)
    return json.loads(out.stdout.splitlines()[-1])["framing"]


def judge(weir, directory, sample):
    path = os.path.join(directory, sample["file"])
    true = same_name(weir, sample["framing"])
    wanted = frames(explained(weir, path, "-f", true))
    assert len(wanted) == sample["whole"], (sample, len(wanted))  # weir finds the generator's frames
    events = explained(weir, path)
    guesses = [e for e in events if e["event"] == "guess"]
    if not guesses:
        return sample, "none", "wrong"
    names = guesses[0]["framings"]
    same = frames(events) == wanted
    if true in names and same:
        return sample, names[0], "right" if len(names) == 1 else "both fit"
    for guess in guesses[1:]:
        if true in guess["framings"]:
            return sample, names[0], f"wrong, it is rank {guess['rank']}"
    return sample, names[0], "same frames, other words" if same else "wrong"


def family(text):
    head = text.split(",")[0].split(":")[0]
    return "length" if head.startswith("len") else "stuffed" if "escape=" in text else "fixed" if head == "record" else head


def main(weir, directory, least):
    with open(os.path.join(directory, "index.jsonl")) as index:
        samples = [json.loads(line) for line in index]
    table, verdicts = collections.defaultdict(collections.Counter), collections.Counter()
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for sample, first, verdict in pool.map(lambda s: judge(weir, directory, s), samples):
            verdicts[verdict if verdict in ("right", "both fit", "same frames, other words") else "wrong"] += 1
            guessed = family(sample["framing"]) if verdict in ("right", "both fit") else "not: " + family(first)
            table[sample["family"]][guessed] += 1
            if verdict not in ("right", "both fit"):
                print(f"{verdict}: {sample['file']} {sample['messages']}, {sample['whole']} messages, "
                      f"{'cut, ' if sample['cut'] else ''}{sample['framing']} taken for {first}")
    for true, row in sorted(table.items()):
        print(f"{true:>10}: " + ", ".join(f"{guessed} {number}" for guessed, number in row.most_common()))
    right = verdicts["right"] + verdicts["both fit"]
    print(f"right {verdicts['right']}, both fit {verdicts['both fit']}, the same frames in other words "
          f"{verdicts['same frames, other words']}, wrong {verdicts['wrong']}: {right / len(samples):.1%} of {len(samples)}")
    return 0 if right >= least * len(samples) else 1


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        sys.exit("usage: framing_guesses.py WEIR DIRECTORY [LEAST]")
    sys.exit(main(sys.argv[1], sys.argv[2], float(sys.argv[3]) if len(sys.argv) == 4 else 0.9))
