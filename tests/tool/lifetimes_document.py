"""Compares docs/lifetimes.md with tests/lifetimes. A part of the document that links ../tests/lifetimes/NAME.cpp shows
the wrong code of that file, its real output, and the correct code.

lifetimes_document.py languages DOCUMENT OTHER   both link the same programs and show the same code and outputs
lifetimes_document.py code DOCUMENT              the code is in the programs, wrong before correct, and all are shown
lifetimes_document.py outputs DOCUMENT PROGRAMS  outputs of the programs in PROGRAMS; `asan` ones only with that build
lifetimes_document.py refusals DOCUMENT          programs in refused/ give the errors shown; the correct code compiles
"""

import os
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
FOLDER = TOP / "tests/lifetimes"
LINK = re.compile(r"\]\(\.\./tests/lifetimes/([\w/]+)\.cpp\)")


class failure(Exception):
    pass


def parts(document):
    """Yields (program, [(language, text)...]) for each linked program, in order."""
    found, block = [], None
    for line in pathlib.Path(document).read_text(encoding="utf-8").splitlines():
        if block is not None:
            if line == "```":
                if found:
                    found[-1][1].append((block[0], "\n".join(block[1:]) + "\n"))
                block = None
            else:
                block.append(line)
        elif line.startswith("```"):
            block = [line[3:]]
        elif link := LINK.search(line):
            found.append((link[1], []))
    for program, blocks in found:
        if [language for language, _ in blocks] != ["cpp", "console", "cpp"]:
            raise failure(f"{document}: {program}: shows {[language for language, _ in blocks]}, not cpp, console, cpp")
    return found


def source(program):
    return (FOLDER / (program + ".cpp")).read_text(encoding="utf-8")


def kind(program):
    """Returns the word before a colon in the first line: asan, gcc12, serves (the correct code never ends), or none."""
    said = re.match(r"// (\w+): ", source(program))
    return said[1] if said else ""


def bare(text):
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


def anonymous(text):
    """Returns the text without paths, lines, columns, process ids and addresses."""
    layers = "base|framing|socket|loop|kernel|coroutine|sim|stream|service"
    text = re.sub(rf"\S*?(weir/(?:{layers})/(?:\w+/)*\w+\.(?:h|cc)|tests/lifetimes/[\w/]+\.cpp):\d+(?::\d+)?", r"\1", text)
    text = re.sub(r"==\d+==", "", text)
    text = re.sub(r"\S*?(\w+)(?:\+| )0x[0-9a-f]+", r"\1", text)
    return re.sub(r"(AddressSanitizer: [\w-]+) .*", r"\1", text)


def languages(document, other):
    if parts(document) != parts(other):
        raise failure(f"{document} and {other} show different code or outputs")


def code(document):
    shown = parts(document)
    for program, blocks in shown:
        place = 0
        for _, text in (blocks[0], blocks[2]):
            place = bare(source(program)).find(bare(text), place)
            if place < 0:
                raise failure(f"{document}: tests/lifetimes/{program}.cpp has no such lines, in this order:\n{text}")
            place += len(bare(text))
    there = sorted(str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.cpp"))
    if sorted(program for program, _ in shown) != there:
        raise failure(f"{document} shows {sorted(p for p, _ in shown)}, and there are {there}")


def run(command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    return done.returncode, anonymous(done.stdout)


def outputs(document, programs):
    is_asan = b"__asan_init" in (pathlib.Path(programs) / "late_message").read_bytes()
    compiler = subprocess.run(["g++", "-dumpversion"], capture_output=True, text=True).stdout
    count = 0
    for program, blocks in parts(document):
        what = kind(program)
        if program.startswith("refused/") or (what == "gcc12" and (is_asan or not compiler.startswith("12"))):
            continue
        path = os.path.join(programs, program)
        expected = anonymous(blocks[1][1])
        if what != "asan" or is_asan:
            code, said = run([path])
            shown = expected.strip() in said if what == "asan" else expected == said
            if not shown or (what != "gcc12" and code == 0):
                raise failure(f"{program} ended with {code} and printed:\n{said}\nshown:\n{expected}")
            count += 1
        if what != "serves":
            code, said = run([path, "right"])
            if code != 0 or "weir: check failed" in said:
                raise failure(f"the right code of {program} ended with {code} and printed:\n{said}")
    print(f"{count} outputs compared")


def refusals(document):
    compiler = [os.environ.get("CXX", "g++"), "-std=c++20", "-Werror=unused-result", "-fsyntax-only", f"-I{TOP}"]
    for program, blocks in parts(document):
        if not program.startswith("refused/"):
            continue
        path = str(FOLDER / (program + ".cpp"))
        code, said = run(compiler + ["-DWRONG", path])
        if code == 0 or anonymous(blocks[1][1]).strip() not in said:
            raise failure(f"{program}: the compiler ended with {code} and said:\n{said}\nshown:\n{blocks[1][1]}")
        code, said = run(compiler + [path])
        if code != 0:
            raise failure(f"the right code of {program} does not compile:\n{said}")


if __name__ == "__main__":
    checks = {"languages": languages, "code": code, "outputs": outputs, "refusals": refusals}
    try:
        checks[sys.argv[1]](*sys.argv[2:])
    except failure as why:
        print(why)
        sys.exit(1)
