#!/usr/bin/env python3
"""booleans.py [ROOT]: lists each class of weir/ with more than three booleans, including the booleans of its bases. An
optional or a bit set counts as one boolean. Such a class is a state machine and needs an enum. Fails if there is such a
class that is not allowed below."""
import glob
import os
import re
import sys

MOST = 3
# Plain values without states: the options of a framing, and values that the kernel reports only sometimes.
ALLOWED = {("framing/description.h", "description"): 7, ("socket/kernel_view.h", "kernel_view"): 25,
           ("tls/options.h", "client_options"): 4, ("socket/datagram.h", "received"): 7, ("socket/datagram.h", "datagram"): 7}

CLASS = re.compile(r"(?:^|\s|>)(?:class|struct)\s+(?:\[\[[^\]]*\]\]\s*)?([\w:]+)(?:\s+final)?\s*(?::(?!:)\s*(.*))?$", re.S)
MEMBER = re.compile(r"(?:(?:public|private|protected):\s*)*(?:mutable |const )*"
                    r"(?:std::atomic<bool>|bool|std::optional<.*>|std::bitset<.*>)\s+(\w+)"
                    r"\s*(?:=\s*\w+|:\s*1.*)?$", re.S)


def classes(path):
    """Returns (name, names of bases, booleans) of each class in a file."""
    text = re.sub(r'"(\\.|[^"\\])*"', '""', re.sub(r"//[^\n]*", "", open(path).read()))
    found, open_braces, start = [], [], 0
    for at in re.finditer(r"[{};]", text):
        head = " ".join(text[start:at.start()].split())
        start = at.end()
        inside = open_braces[-1] if open_braces else None
        member = MEMBER.match(head) if inside else None
        if member and at[0] != "}":
            inside[2].append(member[1])
        if at[0] == "{":
            known = None if re.search(r"\benum\b", head) else CLASS.search(head)
            if known:
                bases = re.findall(r"([\w:]+)(?:<[^>]*>)?\s*(?:,|$)", known[2] or "")
                found.append((known[1], bases, []))
            open_braces.append(found[-1] if known else None)
        elif at[0] == "}" and open_braces:
            open_braces.pop()
    return found


def main():
    os.chdir(sys.argv[1] if len(sys.argv) > 1 else os.path.join(os.path.dirname(__file__), "../.."))
    known = [(path[len("weir/"):], *one) for path in sorted(glob.glob("weir/**/*.h", recursive=True) +
                                                            glob.glob("weir/**/*.cc", recursive=True))
             for one in classes(path)]
    own = {}
    for _, name, bases, booleans in known:
        own.setdefault(name.split("::")[-1], (bases, booleans))

    def with_bases(bases, booleans):
        inherited = [own[base] for base in (each.split("::")[-1] for each in bases) if base in own]
        return booleans + [each for base in inherited for each in with_bases(*base)]

    wrong = 0
    for path, name, bases, booleans in known:
        held = with_bases(bases, booleans)
        if len(held) > ALLOWED.get((path, name), MOST):
            print(f"weir/{path}: {name} holds {len(held)} booleans, at most {MOST}: {', '.join(held)}\n"
                  "    more than three flags are a state: name it with an enum")
            wrong = 1
    return wrong


sys.exit(main())
