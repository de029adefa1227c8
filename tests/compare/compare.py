#!/usr/bin/env python3
"""compare.py DRIVER [SCRIPT...]: runs every script of scripts/, and some that random_script.py makes, through weir
(DRIVER, compare_driver) and through Python's socket (driver.py). Compares the answer to each call, and the final state
of each socket. Each difference must be in differences.txt, and each entry there must occur. Prints TAP.

    COMPARE_SEED=7 COMPARE_RANDOM=1000 tests/compare/compare.py build/check/release/tests/compare_driver

README.md defines the language of the scripts."""
import fnmatch
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
import random_script  # noqa: E402, the module is in the folder of this file

HERE = pathlib.Path(__file__).resolve().parent
TIMES = 4  # how often a script is run at most
SECONDS = 60  # the limit for all scripts, which take ten seconds; a driver that takes longer is assumed to hang
ADDRESSES = {"ipv4": ("127.0.0.1:0",) * 2, "ipv6": ("[::1]:0",) * 2, "local": ("unix:{}.sock", "unix:{}.other.sock")}


class Difference:
    """An entry of differences.txt: calls that answer differently on purpose."""

    def __init__(self, block):
        fields = dict(re.findall(r"^(scripts|call|weir|python|reason): *(.*(?:\n[ \t]+.*)*)", block, re.M))
        self.scripts, self.call, self.weir, self.python = (
            fields[name].strip() for name in ("scripts", "call", "weir", "python"))
        if not fields["reason"].strip():
            raise ValueError("a difference needs a reason:\n" + block)
        self.occurred = False

    def explains(self, script, call, weir, python):
        return all(any(fnmatch.fnmatchcase(text, re.sub(r"\[", "[[]", one)) for one in pattern.split(" | "))
                   for text, pattern in ((script, self.scripts), (call, self.call),
                                         (weir, self.weir), (python, self.python)))

    def __str__(self):
        return f"{self.scripts}: {self.call}: weir {self.weir}, python {self.python}"


def read_differences():
    text = re.sub(r"^#.*\n", "", (HERE / "differences.txt").read_text(), flags=re.M)
    return [Difference(block) for block in re.split(r"\n\s*\n", text) if block.strip()]


def instances(path):
    """A script that begins with `on FAMILY...` runs once for each family, with $family, $here and $there."""
    text = path.read_text()
    families = re.search(r"^on (.*)\n", text, re.M)
    if not families:
        return [(path.stem, text)]
    made = []
    for family in families[1].split():
        name = f"{path.stem}.{family}"
        here, there = (address.format(name[:40]) for address in ADDRESSES[family])
        body = text.replace(families[0], "\n").replace("$family", family)
        made.append((name, body.replace("$here", here).replace("$there", there)))
    return made


def play(command, folder, scripts):
    """Starts a driver, and does not wait for its end."""
    folder.mkdir()
    out, err = (open(folder.with_suffix(end), "w+") for end in (".out", ".err"))
    return subprocess.Popen([*command, *scripts], cwd=folder, stdout=out, stderr=err), out, err


def end_of(played):
    """Returns {script: [(call, answer)]}, and what went wrong."""
    process, out, err = played
    try:
        wrong = "" if process.wait(SECONDS) == 0 else f"exit code {process.returncode}"
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        wrong = f"hangs: stopped after {SECONDS} s"
    answers, line = {}, "the beginning"
    for file in (out, err):
        file.seek(0)
    for line in out.read().splitlines():
        if line.startswith("== "):
            lines = answers.setdefault(pathlib.Path(line[3:]).stem, [])
        else:
            call, answer = split_line(line)
            lines.append((call, answer))
    if wrong:
        wrong += f", in the call that follows: {list(answers)[-1:]} {line}"
    return answers, f"{wrong}\n{err.read()}".strip()


def play_both(driver, folder, scripts):
    folder.mkdir()
    weir = play([os.path.abspath(driver)], folder / "weir", scripts)
    python = play([sys.executable, HERE / "driver.py"], folder / "python", scripts)
    return end_of(weir), end_of(python)


def play_until_clear(driver, place, scripts):
    """Runs a script again if the kernel chose the same port for two of its sockets (stage.h)."""
    (ours, our_end), (theirs, their_end) = play_both(driver, place / "0", scripts)
    for i in range(1, TIMES):
        unclear = [one for one in scripts
                   if any(call == "a port twice" for side in (ours, theirs) for call, _ in side.get(one.stem, ()))]
        if not unclear or our_end or their_end:
            break
        print("# a port twice, played again:", *(one.stem for one in unclear))
        (our_part, our_end), (their_part, their_end) = play_both(driver, place / str(i), unclear)
        ours.update(our_part)
        theirs.update(their_part)
    return ours, theirs, our_end, their_end


def split_line(line):
    """Splits `7 send a "x: y": 4` into the call and its answer, at the first ": " outside quotes."""
    match = re.match(r'((?:[^"]|"(?:\\.|[^"\\])*")*?): (.*)$', line)
    return match[1], match[2]


def compare(name, weir, python, differences):
    """Returns the differences that are not listed, as lines."""
    found = []
    for i in range(max(len(weir), len(python))):
        ours, theirs = (side[i] if i < len(side) else ("nothing more", "") for side in (weir, python))
        if ours == theirs:
            continue
        call = re.sub(r"^\d+ ", "", ours[0])
        listed = [one for one in differences if one.explains(name, call, ours[1], theirs[1])]
        for one in listed:
            one.occurred = True
        if not listed or ours[0] != theirs[0]:
            found += [f"{ours[0]}", f"    weir   {ours[1]}", f"    python {theirs[1]}"]
    return found


def main():
    driver, *only = sys.argv[1:]
    differences = read_differences()
    seed = int(os.environ.get("COMPARE_SEED", random.randrange(1 << 32)))
    count = int(os.environ.get("COMPARE_RANDOM", 0 if only else 60))
    with tempfile.TemporaryDirectory(prefix="weir-compare-") as place:
        place = pathlib.Path(place)
        scripts = []
        fixed = [pathlib.Path(one) for one in only] or sorted((HERE / "scripts").glob("*.txt"))
        made = [one for path in fixed for one in instances(path)]
        made += [(f"random-{seed + i}", random_script.make(seed + i)) for i in range(count)]
        (place / "scripts").mkdir()
        for name, text in made:
            scripts.append(place / "scripts" / f"{name}.txt")
            scripts[-1].write_text(text)
        ends = play_until_clear(driver, place, scripts)
    report(made, seed, count, bool(only), differences, *ends)


def report(made, seed, count, some, differences, ours, theirs, our_end, their_end):
    number = failed = 0

    def say(ok, what, lines=()):
        nonlocal number, failed
        number += 1
        failed += not ok
        print(f"{'ok' if ok else 'not ok'} {number} {what}")
        for line in lines:
            print("#", line)

    print(f"# {len(made)} scripts, {count} of them random: COMPARE_SEED={seed}")
    for side, end in (("weir", our_end), ("python", their_end)):
        say(not end, f"the driver of {side} plays to the end", end.splitlines()[:20])
    for name, text in made:
        listed = differences
        if our_end and name not in ours or their_end and name not in theirs:
            continue  # the exit of the drivers was reported already
        lines = compare(name, ours.get(name, []), theirs.get(name, []), listed)
        if not ours.get(name) or not theirs.get(name):
            lines.append("it was not played")
        if lines and name.startswith("random-"):
            lines += ["the script:", *text.splitlines()]
        say(not lines, f"compare: {name}", lines)
    for one in differences if not some and not our_end and not their_end else []:
        say(one.occurred, f"compare: still differs: {one}", [] if one.occurred else
            ["take it out of differences.txt, if that is as it should be"])
    print(f"1..{number}")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
