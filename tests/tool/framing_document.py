"""Compares the page about the framings with the program: framing_document.py CHECK DOCUMENT... [ARGUMENT].
docs.bats calls it; $WEIR is the command.

    languages ONE OTHER   the same sections; in each the same commands, outputs and code, and the same rows in the tables
    outputs DOCUMENT      the commands of each console block (lines with "$ ") print what the block shows, with errors
    tables DOCUMENT       descriptions parse, the bytes in their rows are whole frames, and error texts are exact
    field DOCUMENT TABLE...  the section `field` has the descriptions and bytes of these tables of the tests, and no others
    code DOCUMENT         lines of C++ are in the example linked last, in this order; "// ..." marks an omission
    links DOCUMENT FOLDER the targets of links exist, relative to FOLDER, and so do their sections
    write DOCUMENT...     no check: writes the current output of each command below it

The headings of a table name its columns: `text` is a description, `bytes` are hex digits, `answer` is the error text,
and `way` is when it appears: `in` on receiving, `out` on sending (- is the empty message), `text` on parsing the text.
"""
import os
import pathlib
import re
import subprocess
import sys

WEIR = os.path.realpath(os.environ.get("WEIR", "build/weir"))
EXAMPLES = pathlib.Path(__file__).resolve().parent.parent.parent / "examples"
HEADINGS = {"文本": "text", "字节": "bytes", "方向": "way", "错误信息": "answer"}
COLUMNS = set(HEADINGS.values())


def ran(arguments, **more):
    return subprocess.run(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=60, **more)


def parts(path):
    """Yields (section, example, kind, lines) of each fenced block. For a table the kind is `table`, and the lines are
    its rows, as lists of cells with English headings."""
    section = example = kind = ""
    lines, rows = [], []
    for line in pathlib.Path(path).read_text().splitlines() + [""]:
        if kind:
            if line == "```":
                yield section, example, kind, lines
                kind, lines = "", []
            else:
                lines.append(line)
            continue
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
            continue
        if rows:
            yield section, example, "table", [[HEADINGS.get(cell, cell) for cell in rows[0]], *rows[2:]]
            rows = []
        if line.startswith("```"):
            kind = line[3:] or "plain"
        elif line.startswith("## "):
            section = line[3:].split(" · ")[0]
            yield section, example, "section", []
        if found := re.findall(r"\]\(\.\./examples/([a-z_]+)\.cpp\)", line):
            example = found[-1]


def quoted(cell):
    """Returns the code in a cell, without the backslashes that a table needs before a bar."""
    return [code.replace("\\|", "|") for code in re.findall(r"`([^`]+)`", cell)]


def rows_of(path):
    """Yields (section, {heading: texts}) of each row, for the columns that contain code."""
    for section, _, kind, rows in parts(path):
        if kind == "table":
            for row in rows[1:]:
                cells = dict(zip(rows[0], row))
                yield section, {heading: quoted(cells[heading]) or [cells[heading]] for heading in COLUMNS & set(rows[0])}


def languages(one, other):
    def shared(path):
        for section, example, kind, content in parts(path):
            if kind == "table":
                content = [[sorted(quoted(cell)) for cell in row] for row in content[1:]]  # the order differs
            yield section, example, kind, content

    here, there = list(shared(one)), list(shared(other))
    for a, b in zip(here, there):
        if a != b:
            yield f"{a[0]}: {one} and {other} differ:\n{a}\n{b}"
            return
    if len(here) != len(there):
        yield f"{one} has {len(here)} parts, {other} has {len(there)}"
    kinds = "lines delimited fixed length varint ber digits header netstring record chunks idle"
    missing = set(kinds.split()) - {part[0] for part in here if part[2] == "console"}
    if missing:
        yield f"{one}: no output is shown of {' '.join(sorted(missing))}"


def printed(command):
    """Returns the output of a command of the document; ./NAME is an example."""
    folder = os.path.join(os.path.dirname(WEIR), "examples") if command.startswith("./") else None
    path = os.path.dirname(WEIR) + os.pathsep + os.environ["PATH"]
    return ran(["bash", "-c", command], cwd=folder, env={**os.environ, "PATH": path, "NO_COLOR": "1"}).stdout


def retold(lines):
    """Yields the commands of a console block, and what they print today, without empty lines at the end."""
    for line in lines:
        if line.startswith("$ "):
            yield line
            yield from printed(line[2:]).rstrip("\n").splitlines()


def outputs(document):
    seen = 0
    for section, _, kind, lines in parts(document):
        if kind == "console":
            seen += 1
            should = list(retold(lines))
            if should != lines:
                yield f"{section}: shown is\n" + "\n".join(lines) + "\nbut printed was\n" + "\n".join(should)
        elif kind not in ("cpp", "table", "section"):
            yield f"{section}: a block of {kind} is held to nothing"
    if seen < 9:
        yield f"{document} shows only {seen} outputs"


def write(*documents):
    for document in documents:
        rewrite(document)
    return ()


def rewrite(document):
    lines, block = [], None
    for line in pathlib.Path(document).read_text().splitlines():
        if block is None:
            lines.append(line)
            block = [] if line == "```console" else None
        elif line == "```":
            lines += [*retold(block), line]
            block = None
        else:
            block.append(line)
    pathlib.Path(document).write_text("\n".join(lines) + "\n")


def refused_in(text, hex_digits):
    said = ran([WEIR, "explain", "--in", "hex", "-f", text], input=hex_digits + "\n").stdout
    found = re.search(r" is (?:BROKEN at \d+|truncated): (.*)", said)
    return found.group(1) if found else said


def refused_out(text, hex_digits, address):
    message = ("" if hex_digits == "-" else hex_digits) + "\n"
    printed_so = ran([WEIR, "framing", text]).stdout.partition("\n")[0]
    said = ran([WEIR, "connect", address, "--in", "hex", "-f", text], input=message).stdout.rstrip("\n")
    return said.partition(f"message 1 of the input cannot be sent as {printed_so}: ")[2] or said


def refused_text(text):
    said = ran([WEIR, "framing", text])
    found = re.fullmatch(r'weir framing: framing "(?:[^"\\]|\\.)*": (.*)', said.stdout.rstrip("\n"))
    return found.group(1) if found and said.returncode == 2 else said.stdout


def tables(document):
    listening = subprocess.Popen([WEIR, "serve", "127.0.0.1:0", "-f", "chunks"], stderr=subprocess.PIPE, text=True)
    try:
        address = listening.stderr.readline().split()[4]
        seen = {"text": 0, "bytes": 0, "in": 0, "out": 0, "refused": 0}
        for section, row in rows_of(document):
            for text in row.get("text", ()):
                digits = row.get("bytes", [""])[0]
                if "answer" in row:
                    way, answer = row["way"][0], row["answer"][0]
                    said = refused_in(text, digits) if way == "in" else refused_out(text, digits, address) if way == "out" else refused_text(text)
                    if said != answer:
                        yield f"{section}: {way} {text} {digits}: shown is\n{answer}\nbut said is\n{said}"
                    seen["refused" if way == "text" else way] += 1
                    continue
                seen["text"] += 1
                parsed = ran([WEIR, "framing", text])
                if parsed.returncode != 0:
                    yield f"{section}: {text} is no framing: {parsed.stdout}"
                if digits:
                    seen["bytes"] += 1
                    explained = ran([WEIR, "explain", "--in", "hex", "-f", text], input=digits + "\n")
                    if explained.returncode != 0:
                        yield f"{section}: {digits} is not {text}: {explained.stdout}"
        yield from (f"{document}: a table of {kind} is missing" for kind, count in seen.items() if count == 0)
    finally:
        listening.terminate()
        listening.wait()


def field(document, *tables):
    source = "".join(pathlib.Path(table).read_text() for table in tables)
    literal = re.sub(r'"\s+"', "", source)
    string = r'"((?:[^"\\]|\\.)*)"'
    tested = {(re.sub(r"\\(.)", r"\1", text), re.sub(r"[\[\]|]", "", wire))
              for _, text, wire in re.findall(rf"\{{{string},\s*{string},\s*{string}", literal)}
    rows = [row for section, row in rows_of(document) if section == "field"]
    for row in rows:
        if (row["text"][0], row["bytes"][0]) not in tested:
            yield f"no table has {row['text'][0]} with {row['bytes'][0]}"
    if len(rows) < len(tested):
        yield f"{document}: {len(rows)} protocols of the field, but the tables have {len(tested)}"


def code(document):
    seen = 0
    for section, example, kind, lines in parts(document):
        if kind != "cpp":
            continue
        seen += 1
        source = iter([line.strip() for line in (EXAMPLES / f"{example}.cpp").read_text().splitlines()])
        for line in lines:
            if line.strip() != "// ..." and line.strip() not in source:  # `in` advances the iterator past it
                yield f"{section}: {example}.cpp has not, or not there: {line}"
                break
    if seen == 0:
        yield f"{document} shows no code"


def links(document, folder):
    text = pathlib.Path(document).read_text()
    anchors = {re.sub(r"[^\w\- ]", "", line[3:].lower()).replace(" ", "-") for line in text.splitlines() if line.startswith("## ")}
    for target in re.findall(r"\]\(([^)]+)\)", text):
        if target.startswith("#"):
            if target[1:] not in anchors:
                yield f"{document}: no section {target}; there are: {' '.join(sorted(anchors))}"
        elif not (pathlib.Path(folder) / target).exists():
            yield f"{document}: {target} is not there"


if __name__ == "__main__":
    checks = {check.__name__: check for check in (languages, outputs, tables, field, code, links, write)}
    wrong = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
