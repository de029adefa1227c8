"""The document of the course, held to what it speaks of: textbook_document.py CHECK DOCUMENT... [FOLDER]. textbook.bats calls it.

    languages ONE OTHER       the same rows, Python, code and outputs in both
    outputs DOCUMENT FOLDER   what it shows was printed by the programs in FOLDER, and each program is shown
    code DOCUMENT             each line of C++ stands in the program that its row links to, in this order
    python DOCUMENT           Python answers what it shows
    drawings DOCUMENT         upright lines stand under each other, where a Chinese character is two columns wide
"""
import doctest
import pathlib
import re
import socket
import subprocess
import sys
import unicodedata

EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples" / "textbook"


def blocks(path):
    """(row, program, kind, text) of each fenced block; row is empty before the first."""
    row = program = kind = ""
    lines = []
    for line in pathlib.Path(path).read_text().splitlines():
        if kind:
            if line == "```":
                yield row, program, kind, "\n".join(lines) + "\n"
                kind, lines = "", []
            else:
                lines.append(line)
        elif line.startswith("```"):
            kind = line[3:] or "plain"
        elif line.startswith("## "):
            row, program = line.split()[1], ""
        elif found := re.search(r"\]\(\.\./examples/textbook/(t[0-9]+_[a-z_]+)\.cpp\)", line):
            program = found.group(1)


def languages(one, other):
    def shared(path):
        return [(row, program, kind, text) for row, program, kind, text in blocks(path) if kind != "text"]

    here, there = shared(one), shared(other)
    for a, b in zip(here, there):
        if a != b:
            yield f"{a[0]}: {one} and {other} differ:\n{a[3]}{b[3]}"
    if len(here) != len(there):
        yield f"{one} has {len(here)} blocks, {other} has {len(there)}"
    for kind in "pycon", "cpp", "console":
        rows = [block[0] for block in here if block[2] == kind and block[0]]
        if rows != [f"T{number}" for number in range(1, 20)]:
            yield f"{one}: not each of T1 to T19 has one block of {kind}: {rows}"


def outputs(document, folder):
    shown = set()
    for row, program, kind, text in blocks(document):
        if kind != "console":
            continue
        command, _, expected = text.partition("\n")
        if command != f"$ ./{program}":
            yield f"{row}: {command} is not the program of this row, {program}"
            continue
        shown.add(program)
        ran = subprocess.run([pathlib.Path(folder) / program], capture_output=True, text=True, timeout=60)
        if row == "T3" and ran.stdout.startswith("not permitted here: "):
            ran.stdout = expected  # what it prints for root is not to be had
        if ran.returncode != 0 or ran.stdout != expected:
            yield f"{row}: {program} ended with {ran.returncode} and printed\n{ran.stdout}instead of\n{expected}"
    for missing in {source.stem for source in EXAMPLES.glob("t*.cpp")} ^ shown:
        yield f"{missing} is shown or exists, but not both"


def code(document):
    for row, program, kind, text in blocks(document):
        if kind != "cpp":
            continue
        source = iter([line.strip() for line in (EXAMPLES / f"{program}.cpp").read_text().splitlines()])
        for line in text.splitlines():
            if line.strip() not in source:  # the iterator goes on behind what it found
                yield f"{row}: {program}.cpp has not, or not there: {line}"
                break


def python(document):
    try:
        socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
        left_out = None
    except PermissionError:
        left_out = "T3"
    session = "\n".join(text for row, _, kind, text in blocks(document) if kind == "pycon" and row != left_out)
    test = doctest.DocTestParser().get_doctest(session, {}, str(document), str(document), 0)
    said = []
    result = doctest.DocTestRunner().run(test, out=said.append)
    if result.failed or result.attempted < 19:
        yield f"{result.failed} of {result.attempted} answers are others:\n" + "".join(said)


def columns(line):
    """The character that begins in each column; the second column of a wide one is empty."""
    for character in line:
        yield character
        if unicodedata.east_asian_width(character) in "WF":
            yield ""


def drawings(document):
    joined_below, joined_above = "┌┬┐│├┼┤", "└┴┘│├┼┤"
    seen = 0
    for row, _, kind, text in blocks(document):
        lines = [list(columns(line)) for line in text.splitlines()] if kind == "text" else []
        seen += len(lines) > 0
        for number, line in enumerate(lines):
            for column, character in enumerate(line):
                for joined, neighbour, answers in ((joined_below, number + 1, joined_above), (joined_above, number - 1, joined_below)):
                    if character not in joined or character == "":
                        continue
                    beside = lines[neighbour] if 0 <= neighbour < len(lines) else []
                    if column >= len(beside) or beside[column] == "" or beside[column] not in answers:
                        yield f"{row}: line {number + 1}, column {column + 1}: {character} stands alone"
    if seen == 0:
        yield f"{document} has no drawing"


if __name__ == "__main__":
    checks = {check.__name__: check for check in (languages, outputs, code, python, drawings)}
    wrong = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
