"""Compares the textbook with Python and with its programs: textbook_document.py CHECK DOCUMENT... [FOLDER].
textbook.bats calls it.

    languages ONE OTHER       both have the same lessons, Python, code and outputs, and each lesson has every part
    outputs DOCUMENT FOLDER   the programs in FOLDER print what is shown, and each program is shown
    code DOCUMENT             the lines of C++ are in the lesson's program, in this order; "// ..." marks each omission
    python DOCUMENT           Python prints what is shown
    exercises DOCUMENT        each lesson ends with an exercise and its folded answer
    drawings DOCUMENT         the vertical lines of a drawing are aligned; a Chinese character is two columns wide
"""
import doctest
import pathlib
import re
import socket
import subprocess
import sys
import unicodedata

ROWS = [f"T{number}" for number in range(1, 20)]
CUT = "// ..."
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples" / "textbook"


def blocks(path):
    """Yields (row, program, kind, text) of each fenced block. The row is a lesson, empty before the first."""
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
    for kind, count in ("pycon", 1), ("cpp", 2), ("console", 1):  # cpp: the blocking calls, and the loop
        rows = [block[0] for block in here if block[2] == kind and block[0]]
        if rows != [row for row in ROWS for _ in range(count)]:
            yield f"{one}: not each of T1 to T19 has {count} of the blocks {kind}: {rows}"


def outputs(document, folder):
    shown = set()
    for row, program, kind, text in blocks(document):
        if kind != "console":
            continue
        command, _, expected = text.partition("\n")
        if command != f"$ ./{program}":
            yield f"{row}: {command} does not run the program of this row, {program}"
            continue
        shown.add(program)
        ran = subprocess.run([pathlib.Path(folder) / program], capture_output=True, text=True, timeout=60)
        if row == "T3" and ran.stdout.startswith("not permitted here: "):
            ran.stdout = expected  # the shown output needs root
        if ran.returncode != 0 or ran.stdout != expected:
            yield f"{row}: {program} ended with {ran.returncode} and printed\n{ran.stdout}instead of\n{expected}"
    for missing in {source.stem for source in EXAMPLES.glob("t*.cpp")} ^ shown:
        yield f"{missing} exists and is not shown, or is shown and does not exist"


def code_lines(text):
    return [line.strip() for line in text.splitlines() if line.strip()]


def place_of(run, source, begin):
    """Returns the index from `begin` on at which these lines follow each other in the source, or None."""
    for first in range(begin, len(source) - len(run) + 1):
        if source[first : first + len(run)] == run:
            return first
    return None


def runs_of(lines):
    """Returns the groups of lines between the marks of omissions."""
    runs = [[]]
    for line in lines:
        if line == CUT:
            runs.append([])
        else:
            runs[-1].append(line)
    return runs


def code(document):
    for row, program, kind, text in blocks(document):
        if kind != "cpp":
            continue
        source = code_lines((EXAMPLES / f"{program}.cpp").read_text())
        end = None
        for run in runs_of(code_lines(text)):
            first = place_of(run, source, end or 0)
            shown = "\n".join(run)
            if not run:
                yield f"{row}: {CUT} is not between two lines"
            elif first is None:
                yield f"{row}: {program}.cpp has not, or not there, or only with a cut that needs a {CUT}:\n{shown}"
                break
            elif first == end:
                yield f"{row}: {CUT} before these lines, but nothing is left out of {program}.cpp:\n{shown}"
            end = None if first is None else first + len(run)


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
        yield f"{result.failed} of {result.attempted} answers differ:\n" + "".join(said)


def exercises(document):
    text = pathlib.Path(document).read_text(encoding="utf-8")
    rows = re.split(r"^## (T[0-9]+) .*$", text, flags=re.M)[1:]
    found = {}
    for row, content in zip(rows[::2], rows[1::2]):
        found[row] = re.search(
            r"^\*\*(?:Exercise\.|练习：)\*\* *\S.*\n\n<details><summary>(?:Answer|答案)</summary>\n\n\S[^<]{20,}\n\n</details>\s*\Z",
            content, flags=re.M | re.S)
    for row in ROWS:
        if not found.get(row):
            yield f"{document}: {row} does not end with an exercise and its folded answer"


def columns(line):
    """Returns the character that begins in each column; the second column of a wide character is empty."""
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
                        yield f"{row}: line {number + 1}, column {column + 1}: {character} has no neighbour"
    if seen == 0:
        yield f"{document} has no drawing"


if __name__ == "__main__":
    checks = {check.__name__: check for check in (languages, outputs, code, python, exercises, drawings)}
    wrong = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
