"""Compares docs/limits.md, docs/errors.md and their Chinese pages with the headers: limits_document.py CHECK DOCUMENT.
limits_page.bats calls it; $WEIR is the command.

    names DOCUMENT     a table whose first heading is a class or an enumeration has exactly one row for each member;
                       the tables of `option` have each socket option, with its type and its kernel name
    defaults DOCUMENT  the second column has the default in the header, and that of a server if limits.cc sets one
    texts DOCUMENT     the texts in the tables are in the sources
    command DOCUMENT   each option of `weir serve --help` has a row with the same default
    codes DOCUMENT     of docs/errors.md: each error code has a row, with its text
"""
import os
import pathlib
import re
import subprocess
import sys

import source_texts

TOP = pathlib.Path(__file__).resolve().parents[2]
WEIR = os.path.realpath(os.environ.get("WEIR", "build/weir"))

# The classes on the page, and the headers that declare them.
CLASSES = {
    "channel_limits": "weir/stream/channel_limits.h",
    "limits": "weir/service/limits.h",
    "server_options": "weir/service/server_options.h",
    "serve_options": "weir/service/serve.h",
    "listen_options": "weir/socket/listen_on.h",
    "tls::common_options": "weir/tls/options.h",
    "tls::client_options": "weir/tls/options.h",
    "tls::server_options": "weir/tls/options.h",
    "sim::network_options": "weir/sim/network_options.h",
}
ENUMERATIONS = {
    "server_event::kind": ("weir/service/server_options.h", "kind"),
    "limit_kind": ("weir/stream/stats/connection_stats.h", "limit_kind"),
}
# Of this class only the constants are options.
CONSTANTS = {"blocking_channel": "weir/stream/blocking_channel.h"}
# Their defaults depend on the machine; the page explains them.
BY_CONSTRUCTOR = ("held_bytes_of_a_loop", "kernel_buffer_bytes")

TYPE = r"(?!static|using|friend|explicit|return|typedef)([\w:]+(?:<.*>)?)"
MEMBER = re.compile(rf"^    {TYPE} (\w*[a-z])(?: = ([^;]+))?;", re.M)
CONSTANT = re.compile(r"^    static constexpr [\w:]+ (\w+) = ([^;]+);", re.M)
OPTION = re.compile(r"^extern const socket_(?:option|state)<(.+)> (\w+);", re.M)
UNITS = {"microseconds": "us", "milliseconds": "ms", "seconds": "s", "minutes": "min"}
NONE = {"English": "none", "Chinese": "无"}
SERVER = {"English": "server: ", "Chinese": "服务器："}


def language(document):
    return "Chinese" if document.endswith(".zh-CN.md") else "English"


def quoted(cell):
    return re.findall(r"`([^`]+)`", cell)


def tables(document):
    """Yields (heading of the first column, rows) of each table; a row is a list of cells."""
    rows = []
    for line in pathlib.Path(document).read_text(encoding="utf-8").splitlines() + [""]:
        if line.startswith("|"):
            rows.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif rows:
            heading = re.fullmatch(r"`([^`]+)`", rows[0][0])
            yield (heading[1] if heading else ""), rows[2:]
            rows = []


def rows_of(document, heading):
    return [row for one, rows in tables(document) if one == heading for row in rows]


def header(path):
    return (TOP / path).read_text(encoding="utf-8")


def body_of(path, name):
    """Returns the text between the braces of a class, without nested classes."""
    found = re.search(rf"^class {name.split('::')[-1]}\b[^;{{]*{{\n(.*?)^}};", header(path), re.M | re.S)
    return found[1].split("\nprivate:")[0]


def members(path, name):
    """Returns {member: (type, default or None)}."""
    return {found[2]: (found[1], found[3]) for found in MEMBER.finditer(body_of(path, name))}


def enumerators(path, name):
    body = re.search(rf"enum class {name}\b[^{{]*{{(.*?)}};", header(path), re.S)[1]
    return re.findall(r"^\s*(\w+),", re.sub(r"//.*", "", body), re.M)


def listed(document, heading, wanted):
    shown = [name for row in rows_of(document, heading) for name in quoted(row[0])]
    for name in wanted:
        if shown.count(name) != 1:
            yield f"{document}: the tables of {heading} have {shown.count(name)} rows for {name}"
    for name in shown:
        if name not in wanted and heading not in CONSTANTS:
            yield f"{document}: {heading} has no {name}"


def names(document):
    for name, path in CLASSES.items():
        yield from listed(document, name, list(members(path, name)))
    for name, (path, enumeration) in ENUMERATIONS.items():
        yield from listed(document, name, enumerators(path, enumeration))
    for name, path in CONSTANTS.items():
        yield from listed(document, name, [found[1] for found in CONSTANT.finditer(body_of(path, name))])
    options = {found[2]: found[1] for found in OPTION.finditer(header("weir/socket/option.h"))}
    yield from listed(document, "option", list(options))
    kernel = header("weir/socket/option.cc")
    for row in rows_of(document, "option"):
        name, shown = quoted(row[0])[0], quoted(row[1])
        if name in options and shown != [options[name]]:
            yield f"{document}: the type of {name} is {options[name]}"
        for number in quoted(row[-2]):
            if not re.search(rf"\b{number}\b", kernel):
                yield f"{document}: weir/socket/option.cc has no {number}"


def number(text):
    digits = text.replace("'", "")
    if not re.fullmatch(r"[\d *<]+", digits):
        return None
    return eval(digits)  # digits, `*` and `<<` only


def size(count):
    for unit, bytes_in_it in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if count >= bytes_in_it and count % bytes_in_it == 0:
            return f"{count // bytes_in_it} {unit}"
    return f"{count:,}"


def written(name, kind, default, spoken):
    """Returns a default of a header in the notation of the page, or None if the page explains it in words."""
    if default is None:
        return NONE[spoken] if kind.startswith("std::optional") and name not in BY_CONSTRUCTOR else None
    if time := re.fullmatch(r"std::chrono::(\w+)\(([\d']+)\)", default):
        return f"{number(time[2]):,} {UNITS[time[1]]}"
    if (count := number(default)) is not None:
        return size(count) if name.endswith("bytes") else f"{count:,}"
    return f"`{default.split('::')[-1]}`"


def has(cell, text):
    return re.search(rf"(?<![\w.,]){re.escape(text)}(?![\w,])", cell)


def compared(document, heading, fields):
    for row in rows_of(document, heading):
        for name in quoted(row[0]):
            if name in fields and fields[name] is not None and not has(row[1], fields[name]):
                yield f"{document}: the default of {heading}::{name} is {fields[name]}, shown is {row[1]}"


def defaults(document):
    spoken = language(document)
    for name, path in CLASSES.items():
        fields = {one: written(one, *how, spoken) for one, how in members(path, name).items()}
        yield from compared(document, name, fields)
    for name, path in CONSTANTS.items():
        constants = CONSTANT.findall(body_of(path, name))
        yield from compared(document, name, {one: written(one, "", value, spoken) for one, value in constants})
    of_server = re.findall(r"^    connection\.(\w+) = ([^;]+);", header("weir/service/limits.cc"), re.M)
    expected = {name: SERVER[spoken] + written(name, "", default, spoken) for name, default in of_server}
    yield from compared(document, "channel_limits", expected)
    backlog = re.search(r"default_backlog = (\d+);", header("weir/socket/socket.h"))[1]
    yield from compared(document, "listen_options", {"backlog": f"{int(backlog):,}"})


def texts(document):
    sources = source_texts.source_texts("weir", "tool/serve")
    seen = 0
    for text in (text for _, rows in tables(document) for row in rows for cell in row for text in quoted(cell)):
        if " " not in text or text.startswith("weir ") or re.fullmatch(r"\w+\(.*\)", text):
            continue  # a name, a command or a call
        seen += 1
        for piece in sources.missing(text):
            yield f"{document}: no source of weir and tool/serve has: {piece}"
    if seen < 20:
        yield f"{document}: the tables have only {seen} texts"


def command(document):
    text = subprocess.run([WEIR, "serve", "--help"], stdout=subprocess.PIPE, check=True, text=True).stdout
    options = re.search(r"^Options\n(.*?)^\S", text, re.M | re.S)[1]
    shown = {name: row for _, rows in tables(document) for row in rows for name in quoted(row[0])
             if name.startswith("--")}
    named = {}
    for line in options.splitlines():
        if found := re.match(r" {2,6}(?:-\w, | {4})?--([\w-]+)(.*)", line):
            name = "--" + found[1]
            named[name] = found[2]
        else:
            named[name] += " " + line.strip()
    for name, said in named.items():
        default = re.search(r"\(default: (\d\w*)\)", said)
        if name not in shown and name != "--help":
            yield f"{document}: there is no row for {name}"
        elif default and not has(re.sub(r"[, ]", "", shown[name][1]), default[1]):
            yield f"{document}: the default of {name} is {default[1]}, shown is {shown[name][1]}"
    for name in shown:
        if name not in named:
            yield f"{document}: weir serve has no option {name}"
    if len(named) < 15:
        yield f"weir serve --help has only {len(named)} options"


def codes(document):
    """Checks that the page about errors has a row with each code and its text."""
    found = re.findall(r'case errc::(\w+): return "([^"]+)";', header("weir/base/error.cc"))
    rows = [row for _, rows in tables(document) for row in rows]
    for code, text in found:
        if code != "none" and not any(text in quoted(row[0]) and code in quoted(row[1]) for row in rows):
            yield f"{document}: there is no row for {code}: {text}"
    if len(found) < 20:
        yield f"weir/base/error.cc has only {len(found)} codes"


if __name__ == "__main__":
    checks = {"codes": codes, "names": names, "defaults": defaults, "texts": texts, "command": command}
    wrong = sorted(set(checks[sys.argv[1]](sys.argv[2])))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
