#!/usr/bin/python3
"""comments.py HEADER: prints a header with its comments in the form that Doxygen reads. This is Doxygen's INPUT_FILTER.

A `//` comment becomes `///`, and a comment behind a member becomes `///<`. A comment belongs to all declarations below
it up to the next empty line or comment, and is printed before each of them. A member that takes or returns an object of
internal/ is hidden, because it is public only for the other folders of the library. Indented lines, such as tables and
code, stay unchanged. The comment at the top of a file describes the file.
"""
import pathlib
import re
import sys

COMMENT = re.compile(r"^(\s*)//(?!/)( ?)(.*)$")
BEHIND = re.compile(r"^(.*\S)(\s+)//(?!/) ?(.*)$")
SPECIAL = re.compile(r"([\\@#%<>&]|::)")
SEPARATOR = re.compile(r"(?<=\d)'(?=\d{3})")
NO_DECLARATION = re.compile(r"^\s*(\}|public:|private:|protected:|namespace\b|#|$)")


def escaped(text):
    """Escapes what Doxygen would read as a command or a link. Code in backticks stays unchanged."""
    pieces = re.split(r"(`[^`]*`)", text)
    return "".join(piece if piece.startswith("`") else SPECIAL.sub(r"\\\1", piece) for piece in pieces)


def code_of(line):
    """Converts a line of code: a trailing comment to Doxygen's form, and numbers to digits alone for Breathe."""
    behind = BEHIND.match(line)
    if behind and behind[1].count('"') % 2 == 0:
        return f"{SEPARATOR.sub('', behind[1])}{behind[2]}///< {escaped(behind[3])}"
    return SEPARATOR.sub("", line)


def comment(lines, indent):
    """Yields the lines of one comment, which have no slashes, in Doxygen's form."""
    is_set_in = False
    for line in lines:
        begins = line.startswith("  ")
        if begins != is_set_in and line.strip():
            yield f"{indent}///"
            is_set_in = begins
        yield f"{indent}///     {line}" if is_set_in else f"{indent}/// {escaped(line)}"


def is_internal(line):
    """Returns whether a member takes something of internal/, or returns a reference or a pointer to it."""
    signature = re.split(r" : |\{", line)[0]
    return bool(re.search(r"^\s.*(\([^()]*\binternal::|\binternal::\w+(<[^>]*>)?[&*] )", signature))


def declarations(lines):
    """Returns the ends of the declarations that one comment describes: for each, the number of the line after it."""
    depth, ends = 0, []
    for number, line in enumerate(lines):
        code = line.split("//")[0]
        if depth == 0 and (NO_DECLARATION.match(line) or COMMENT.match(line)):
            return ends
        if COMMENT.match(line):
            return [number]  # its members have their own comments
        depth += code.count("{") - code.count("}") + code.count("(") - code.count(")")
        if depth == 0 and code.rstrip().endswith((";", "}")):
            ends.append(number + 1)
    return ends


def printed(lines):
    place = 0
    while place < len(lines):
        line = lines[place]
        found = COMMENT.match(line)
        if not found:
            yield code_of(line)
            place += 1
            continue
        end = place
        while end < len(lines) and COMMENT.match(lines[end]):
            end += 1
        text = [COMMENT.match(each)[3] for each in lines[place:end]]
        ends = [end + each for each in declarations(lines[end:])]
        if place == 0:
            yield "/// \\file"
        if not ends:
            yield from comment(text, found[1])
        for this in ends:
            declared = map(code_of, lines[end:this])
            if is_internal(lines[end]):
                yield from ("/// \\cond", *declared, "/// \\endcond")
            else:
                yield from (*comment(text, found[1]), *declared)
            end = this
        place = end


if __name__ == "__main__":
    source = pathlib.Path(sys.argv[1]).read_text(encoding="utf-8").splitlines()
    print("\n".join(printed(source)))
