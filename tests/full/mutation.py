#!/usr/bin/env python3
"""Would the tests notice a bug in weir/framing/? Plants one small bug at a time and runs framing_tests.

    tests/full/mutation.py                       as many mutants as fit into --minutes (15), in the order of --seed
    tests/full/mutation.py --sample 150          this number of mutants
    tests/full/mutation.py --all                 all mutants
    tests/full/mutation.py --file 'decoder*'     only mutants of these files; can be combined with the other options
    tests/full/mutation.py --listed              only the known equivalents; none of them may be killed
    tests/full/mutation.py --print               prints the changes, and builds nothing

A mutant is one of: a comparison flipped, && for || or the reverse, an integer one more or one less, + for - or the
reverse, a statement deleted, a condition negated. It is killed when a test fails, crashes, or takes too long. A mutant
that the compiler refuses does not count. All work is done in a copy of the sources. The examples of tests/framing run
first, and the laws only for mutants that survive them. Tests of the laws themselves (planted mistakes) are left out.

survivors.txt lists mutants that no test can kill, because they change no observable behaviour, with the reason. An entry is
matched by file, line text and change, so it stays valid when lines move. Exit 1 when fewer than 90% of the others are killed.
"""
import argparse
import collections
import concurrent.futures
import fnmatch
import os
import pathlib
import queue
import random
import re
import resource
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
LIST = pathlib.Path(__file__).resolve().with_name("survivors.txt")
LEAST_KILLED = 0.90
JUDGES = re.compile(r"(laws|law_\w+|subject)\.(h|cc)$")  # they check the decoders, and have their own planted bugs
CHOSEN = {"weir/framing/internal/mark_scan_sse2.cc": "weir/framing/internal/mark_scan_portable.cc"}  # the build selects one of each pair

Mutant = collections.namedtuple("Mutant", "file begin end text line before after")


# ---- where a bug can be planted ----

TOKEN = re.compile(r"""
    (?P<blank>\s+|//[^\n]*|/\*.*?\*/|^\#(?:[^\n]*\\\n)*[^\n]*|\[\[.*?\]\])
  | (?P<text>R"(?P<mark>[^(]*)\(.*?\)(?P=mark)"\w*|(?:u8|[uUL])?"(?:\\.|[^"\\])*"\w*|'(?:\\.|[^'\\])+')
  | (?P<number>(?:0[xX][0-9a-fA-F']+|\d[\d'.]*(?:[eE][+-]?\d+)?)\w*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<sign><<=|>>=|<=>|->|::|\+\+|--|<<|<=|>=|==|!=|&&|\|\||[-+*/%&|^]=|.)
""", re.X | re.S | re.M)

FLIPPED = {"<": ("<=", ">="), "<=": ("<", ">"), ">": (">=", "<="), ">=": (">", "<"), "==": ("!=",), "!=": ("==",),
           "&&": ("||",), "||": ("&&",)}
SWAPPED = {"+": "-", "-": "+", "+=": "-=", "-=": "+=", "++": "--", "--": "++"}
HEADS = {"if", "for", "while", "switch"}
OPENING, CLOSING = "([{", ")]}"
NOT_DELETED = re.compile(r"(const|auto|constexpr|static|using|struct|enum|case|default|for|if|while|switch|else|do|template)\b")
DECLARATION = re.compile(r"(?!return\b|delete\b|throw\b)[\w:]+(<.*>)?[\s&*]+[A-Za-z_]\w*\s*(=(?!=)|\(|\{|;|\[)", re.S)


class Source:
    """The tokens of a file, their brackets, and which tokens are code that runs."""

    def __init__(self, file, text):
        self.file, self.text = file, text
        self.tokens = [m for m in TOKEN.finditer(text) if m.lastgroup != "blank"]
        self.words = [m.group() for m in self.tokens]
        self.match_brackets()
        self.mark_code()
        self.mark_templates()
        self.mark_checks()

    def match_brackets(self):
        self.partner, self.inside, stack = {}, [], []
        for i, word in enumerate(self.words):
            if word in CLOSING and self.tokens[i].lastgroup == "sign":
                opened = stack.pop()
                self.partner[i], self.partner[opened] = opened, i
            self.inside.append(stack[-1] if stack else None)  # the bracket around the token
            if word in OPENING and self.tokens[i].lastgroup == "sign":
                stack.append(i)

    def mark_code(self):
        self.kind = {}  # the kind of each brace: scope, enum, function, block, values
        self.code = [False] * len(self.words)
        for i, word in enumerate(self.words):
            around = self.inside[i]
            while around is not None and self.words[around] != "{":
                around = self.inside[around]
            outer = self.kind.get(around, "scope")
            runs = outer in ("function", "block") or self.around_runs(around)
            self.code[i] = runs and outer != "enum"
            if word == "{":
                self.kind[i] = self.kind_of_brace(i, outer)
            elif outer == "scope" and word == "=" and self.words[self.inside[i] or 0] != "(":
                self.mark_initializer(i)

    def around_runs(self, brace):
        while brace is not None:
            if self.kind.get(brace) in ("function", "block"):
                return True
            brace = self.inside[brace]
        return False

    def kind_of_brace(self, i, outer):
        before = self.words[i - 1] if i else ""
        if outer in ("function", "block"):
            return "block" if before in (")", "else", "do", ";", "{", "}", ":", "mutable", "noexcept") else "values"
        if outer == "values":
            return "function" if before in (")", ">") else "values"
        begin = self.begin_of_head(i)
        head = self.words[begin:i]
        if "template" in head:
            head = head[head.index(">") + 1:] if ">" in head else head
        for word, kind in (("enum", "enum"), ("namespace", "scope"), ("class", "scope"), ("struct", "scope"), ("union", "scope")):
            if word in head:
                return kind
        if "(" not in head:
            return "values"
        self.mark_member_initializers(begin, i)
        return "function"

    def begin_of_head(self, i):
        k = i - 1
        while k >= 0 and not (self.words[k] in (";", "{", "}") and self.inside[k] == self.inside[i]) and k != self.inside[i]:
            if self.words[k] == ":" and self.words[k - 1] in ("public", "private", "protected"):
                break
            k = self.partner[k] - 1 if self.words[k] in CLOSING else k - 1
        return k + 1

    def mark_member_initializers(self, begin, end):
        for k in range(begin, end):
            if self.words[k] == ":" and self.words[k - 1] in (")", "noexcept"):
                self.code[k:end] = [True] * (end - k)
                return

    def mark_initializer(self, equals):
        """Marks the initial value of a constant or a member as code, but not braces, nor `= 0` of virtual functions."""
        k = equals + 1
        head = self.words[self.begin_of_head(equals):equals]
        if "virtual" in head or "operator" in head or "using" in head or self.words[k] in ("default", "delete"):
            return
        while self.words[k] != ";" and self.words[k] != "{":
            k += 1
        self.initialized = getattr(self, "initialized", set()) | set(range(equals + 1, k))

    def mark_templates(self):
        self.skipped = set()
        for i, word in enumerate(self.words):
            if word != "<" or (self.blank_before(i) and self.words[i - 1] != "template"):
                continue
            depth, k = 0, i
            while k < len(self.words):
                depth += {"<": 1, ">": -1, ">>": -2}.get(self.words[k], 0)
                self.skipped.add(k)
                if depth <= 0:
                    break
                k += 1

    def mark_checks(self):
        for i, word in enumerate(self.words):
            if word in ("WEIR_CHECK", "static_assert") and self.words[i + 1] == "(":
                self.skipped |= set(range(i, self.partner[i + 1] + 1))

    def blank_before(self, i):
        return i > 0 and self.tokens[i].start() > self.tokens[i - 1].end()

    def blank_around(self, i):
        return self.blank_before(i) and self.blank_before(i + 1)

    def runs(self, i):
        return (self.code[i] or i in getattr(self, "initialized", ())) and i not in self.skipped

    # ---- the mutants ----

    def mutants(self):
        found = []
        for i, token in enumerate(self.tokens):
            if self.runs(i):
                for change in (self.flips, self.steps, self.swaps, self.deletions, self.negations):
                    found.extend(change(i))
        return [self.mutant(*one) for one in found]

    def mutant(self, begin, end, text):
        """Replaces the bytes begin..end by `text`. The mutant is identified by its whole lines, before and after."""
        first = self.text.rfind("\n", 0, begin) + 1
        last = self.text.find("\n", end)
        before = " ".join(self.text[first:last].split())
        after = " ".join((self.text[first:begin] + text + self.text[end:last]).split())
        return Mutant(self.file, begin, end, text, self.text.count("\n", 0, begin) + 1, before, after)

    def flips(self, i):
        if self.words[i] in FLIPPED and self.blank_around(i) and self.words[i - 1] != "operator":
            for text in FLIPPED[self.words[i]]:
                yield (*self.tokens[i].span(), text)

    def steps(self, i):
        """Adds and subtracts one: for a literal, an index, or a size()."""
        token = self.tokens[i]
        if token.lastgroup == "number":
            digits = re.fullmatch(r"(0[xX][0-9a-fA-F']+|[\d']+)([uUlLzZ]*)", token.group())
            if digits:
                number = int(digits[1].replace("'", ""), 0)
                for other in (number + 1, number - 1):
                    if other >= 0:
                        yield (*token.span(), (hex(other) if digits[1][:2] in ("0x", "0X") else str(other)) + digits[2])
        elif self.words[i:i + 3] == ["size", "(", ")"] and self.words[i - 1] in (".", "->"):
            yield (self.tokens[i + 2].end(), self.tokens[i + 2].end(), " + 1")
            yield (self.tokens[i + 2].end(), self.tokens[i + 2].end(), " - 1")
        elif token.group() == "[" and not self.blank_before(i) and self.tokens[i - 1].lastgroup == "word":
            place = self.tokens[self.partner[i]].start()
            if self.words[self.partner[i] - 1] != "[" and self.tokens[self.partner[i] - 1].lastgroup != "number":
                yield (place, place, " + 1")

    def swaps(self, i):
        word, around = self.words[i], self.statement(i)
        if word not in SWAPPED or any(self.tokens[k].lastgroup == "text" and self.words[k][0] == '"' for k in around):
            return  # this concatenates a message text, so the mutant would not compile
        if word in ("++", "--") or self.blank_around(i):
            yield (*self.tokens[i].span(), SWAPPED[word])

    def statement(self, i):
        begin = end = i
        while begin > 0 and self.words[begin - 1] not in (";", "{", "}"):
            begin -= 1
        while end < len(self.words) and self.words[end] not in (";", "{", "}"):
            end += 1
        return range(begin, end)

    def deletions(self, i):
        block = self.inside[i]
        if self.words[i] != ";" or self.kind.get(block) not in ("function", "block"):
            return
        begin = self.begin_of_statement(i)
        if begin == i or begin - 1 in self.skipped:
            return
        text = self.text[self.tokens[begin].start():self.tokens[i].start()]
        if text == "break" and self.words[i + 1] == "}":
            return  # the switch ends here anyway
        if NOT_DELETED.match(text) or DECLARATION.match(text) or "WEIR_CHECK" in text:
            return
        if self.words[begin] == "return" and self.words[i + 1] == "}" and self.kind.get(block) == "function":
            return  # the function would return no value
        yield (self.tokens[begin].start(), self.tokens[i].end(), ";")

    def begin_of_statement(self, end):
        k = end - 1
        while True:
            word = self.words[k]
            if word == ")":
                opened = self.partner[k]
                if self.words[opened - 1] in HEADS:
                    return k + 1
                k = opened - 1
            elif word == "]" or (word == "}" and self.kind.get(self.partner[k]) == "values"):
                k = self.partner[k] - 1
            elif word in (";", "{", "}", "else", "do") or (word == ":" and self.is_label(k)):
                return k + 1
            else:
                k -= 1

    def is_label(self, colon):
        k = colon - 1
        while self.words[k] not in (";", "{", "}", "?", "(", ")"):
            if self.words[k] in ("case", "default"):
                return True
            k -= 1
        return False

    def negations(self, i):
        word = self.words[i]
        if word in ("if", "while", "for") and self.words[i + 1] == "(":
            begin, end = i + 2, self.partner[i + 1]
            parts = [k for k in range(begin, end) if self.words[k] == ";" and self.inside[k] == i + 1]
            if word == "for":
                if len(parts) != 2:
                    return  # a range-based for
                begin, end = parts[0] + 1, parts[1]
            elif parts:
                begin = parts[-1] + 1
            yield from self.negation(begin, end)
        elif word == "?":
            k = i - 1
            while self.words[k] not in ("=", "+=", "-=", "|=", "return", "(", "[", "{", "}", ",", ";", "?", ":"):
                k = self.partner[k] - 1 if self.words[k] in CLOSING else k - 1
            yield from self.negation(k + 1, i)

    def negation(self, begin, end):
        words = self.words[begin:end]
        if not words or "=" in words or (sum(w in FLIPPED for w in words) == 1 and self.flips_alone(begin, end)):
            return  # a declaration, or the flipped comparison is the same mutant
        yield (self.tokens[begin].start(), self.tokens[end - 1].end(),
               "!(" + self.text[self.tokens[begin].start():self.tokens[end - 1].end()] + ")")

    def flips_alone(self, begin, end):
        return any(self.words[k] in FLIPPED and self.words[k] not in ("&&", "||") and self.blank_around(k) and
                   self.inside[k] == self.inside[begin] for k in range(begin, end))


def all_mutants(pattern):
    found = []
    for path in sorted((ROOT / "weir/framing").glob("**/*.[hc]*")):
        file = str(path.relative_to(ROOT))
        if not JUDGES.search(file) and (fnmatch.fnmatch(path.name, pattern) or fnmatch.fnmatch(file, pattern)):
            found.extend(Source(file, path.read_text()).mutants())
    return list(dict.fromkeys(found))


# ---- building and running one ----

COMPILE = ["g++", "-std=c++20", "-O1", "-D_GLIBCXX_ASSERTIONS", "-Werror=return-type", "-I."]
STANDARD = ("algorithm array bit charconv chrono cstddef cstdint cstdlib cstring functional limits memory optional random span sstream "
            "string string_view system_error utility variant vector")  # precompiled to save most of the time
EARLY = "--source-file-exclude=*laws*"  # examples of a few bytes kill most mutants within a second
LATE = "--source-file=*laws*"
UNUSED = re.compile(r"tests/laws/(planted|looks)")  # tests of the laws themselves; they use decoders of their own


def run(command, where, seconds=None):
    """Returns the output, and whether the command succeeded, or None if it took too long."""
    def limits():
        resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        os.nice(5)
    try:
        done = subprocess.run(command, cwd=where, timeout=seconds, preexec_fn=limits, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        return done.stdout.decode(errors="replace"), done.returncode == 0
    except subprocess.TimeoutExpired:
        return "", None


def object_of(unit):
    return unit.replace("/", "_") + ".o"


class Trees:
    """The unchanged program, built once, and a scratch tree for each worker, to compile mutants and link them to it."""

    def __init__(self, scratch, jobs):
        self.scratch, self.plain = scratch, scratch / "plain"
        self.workers = queue.Queue()
        for tree in [self.plain] + [scratch / f"worker{k}" for k in range(jobs)]:
            for folder in ("weir", "tests"):
                shutil.copytree(ROOT / folder, tree / folder)
            (tree / "objects").mkdir()
            if tree != self.plain:
                self.workers.put(tree)
        folders = ("weir/base", "weir/framing", "tests/base", "tests/framing", "tests/laws")
        self.units = sorted(str(p.relative_to(self.plain)) for f in folders for p in (self.plain / f).glob("*.cc"))
        self.units = [unit for unit in self.units if not UNUSED.match(unit)] + ["tests/main.cc"]
        self.compile = COMPILE + ["-include", str(self.precompile())]
        self.build_plain(jobs)

    def precompile(self):
        header = self.plain / "standard.h"
        header.write_text("".join(f"#include <{name}>\n" for name in STANDARD.split()))
        output, succeeded = run(COMPILE + ["-x", "c++-header", header.name, "-o", header.name + ".gch"], self.plain)
        if not succeeded:
            sys.exit(output)
        return header

    def build_plain(self, jobs):
        with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
            done = pool.map(lambda unit: run(self.compile + ["-MMD", "-c", unit, "-o", "objects/" + object_of(unit)], self.plain),
                            self.units)
            for output, succeeded in done:
                if not succeeded:
                    sys.exit(output)
        self.needs = {}
        for unit in self.units:
            rule = (self.plain / "objects" / object_of(unit)).with_suffix(".d").read_text()
            self.needs[unit] = set(rule.replace("\\\n", " ").split()[1:])
        began = time.monotonic()
        for other in [None] + sorted(CHOSEN.values()):
            output, passed = self.link_and_run(self.plain, set(), other, 600)
            if not passed:
                sys.exit(output + "\nthe tests fail without any mutant")
        self.seconds = 10 + 4 * (time.monotonic() - began)

    def link_and_run(self, tree, changed, file, seconds):
        """Links the `changed` units of this tree, and all other units of the unchanged tree."""
        left_out = {one if other == file else other for one, other in CHOSEN.items()}
        objects = [str((tree if unit in changed else self.plain) / "objects" / object_of(unit))
                   for unit in sorted(self.units, key=lambda u: u not in changed) if unit not in left_out]
        output, linked = run(["g++", "-o", "framing_tests", *objects], tree)
        if not linked:
            return output, linked
        for part in (EARLY, LATE):
            output, passed = run(["./framing_tests", "--abort-after=1", "--no-version", part], tree, seconds)
            if not passed:
                break
        return output, passed

    def judge(self, mutant):
        """Returns whether the mutant was killed, survived, or was refused by the compiler."""
        tree = self.workers.get()
        path = tree / mutant.file
        text = path.read_text()
        try:
            path.write_text(text[:mutant.begin] + mutant.text + text[mutant.end:])
            users = [u for u in self.units if mutant.file in self.needs[u]]
            # After a change of a header the library is compiled first: it kills most mutants before tests are compiled.
            stages = [[u for u in users if not u.startswith("tests/")], users]
            compiled = set()
            for stage in stages if stages[0] != users else [users]:
                for unit in [u for u in stage if u not in compiled]:
                    command = self.compile + ["-c", unit, "-o", "objects/" + object_of(unit)]
                    if not run(command, tree, 300)[1]:
                        return "refused"
                    compiled.add(unit)
                output, passed = self.link_and_run(tree, compiled, mutant.file, self.seconds)
                if "undefined reference" in output:
                    return "refused"
                if not passed:
                    return "killed"
            return "survived"
        finally:
            path.write_text(text)
            self.workers.put(tree)


# ---- the list of equivalents ----

def read_list():
    """Returns {(file, before, after): reason}. A paragraph is the file, `- before`, `+ after`, and lines of reason."""
    known = {}
    text = LIST.read_text() if LIST.exists() else ""
    for paragraph in re.split(r"\n\s*\n", text):
        lines = [line for line in paragraph.strip().splitlines() if not line.startswith("#")]
        if not lines:
            continue
        if len(lines) < 4 or not lines[1].startswith("- ") or not lines[2].startswith("+ "):
            sys.exit(f"{LIST.name}: an entry is file, '- line', '+ line', reason; this is not:\n{paragraph}")
        known[lines[0], lines[1][2:].strip(), lines[2][2:].strip()] = " ".join(" ".join(lines[3:]).split())
    return known


def key(mutant):
    return mutant.file, mutant.before, mutant.after


def show(mutant):
    return f"{mutant.file}:{mutant.line}\n- {mutant.before}\n+ {mutant.after}"


# ---- the run ----

def judge_all(trees, mutants, jobs, minutes):
    """Runs mutants until the time is over. Returns [(mutant, outcome)]."""
    until = time.monotonic() + minutes * 60 if minutes else None
    judged = []

    def judge(mutant):
        if until and time.monotonic() > until:
            return None
        return trees.judge(mutant)

    with concurrent.futures.ThreadPoolExecutor(jobs) as pool:
        for mutant, fate in zip(mutants, pool.map(judge, mutants)):
            if fate is None:
                continue
            judged.append((mutant, fate))
            if fate == "survived":
                print(f"survived: {show(mutant)}\n", flush=True)
    return judged


def report(judged):
    """Prints the table. Returns the share of killed mutants."""
    counts = collections.defaultdict(collections.Counter)
    for mutant, fate in judged:
        counts[mutant.file][fate] += 1
        counts["all"][fate] += 1
    for file in sorted(counts, key=lambda f: (f == "all", f)):
        killed, total = counts[file]["killed"], counts[file]["killed"] + counts[file]["survived"]
        if total:
            print(f"{file:38} {killed:4} of {total:4} killed  {100 * killed / total:5.1f}%")
    total = counts["all"]["killed"] + counts["all"]["survived"]
    return counts["all"]["killed"] / total if total else 0


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    how_many = parser.add_mutually_exclusive_group()
    how_many.add_argument("--sample", type=int, metavar="N")
    how_many.add_argument("--all", action="store_true")
    how_many.add_argument("--listed", action="store_true")
    parser.add_argument("--minutes", type=float, default=15, help="of mutants, without --sample and --all (15)")
    parser.add_argument("--file", default="*", metavar="PATTERN")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--print", action="store_true", dest="print_only")
    return parser.parse_args()


def main():
    said = options()
    known = read_list()
    mutants = all_mutants(said.file)
    for entry in known.keys() - {key(m) for m in all_mutants("*")}:
        print("no longer a mutant, take it off the list: {}\n- {}\n+ {}\n".format(*entry))
    chosen = [m for m in mutants if (key(m) in known) == said.listed]
    print(f"{len(mutants)} mutants, of which {sum(key(m) in known for m in mutants)} are known to be equivalent; seed {said.seed}",
          flush=True)
    random.Random(said.seed).shuffle(chosen)
    if said.sample:
        chosen = chosen[:said.sample]
    if said.print_only:
        print("\n\n".join(show(m) for m in chosen))
        return 0
    timed = not (said.sample or said.all or said.listed)
    with tempfile.TemporaryDirectory(prefix="weir-mutation-") as scratch:
        judged = judge_all(Trees(pathlib.Path(scratch), said.jobs), chosen, said.jobs, said.minutes if timed else 0)
    if said.listed:
        killed = [m for m, fate in judged if fate == "killed"]
        print("\n\n".join(["killed, so not equivalent: " + show(m) for m in killed] or ["none of the listed ones is killed"]))
        return 1 if killed else 0
    share = report(judged)
    refused = sum(fate == "refused" for _, fate in judged)
    print(f"{100 * share:.1f}% killed of {len(judged) - refused} mutants (seed {said.seed}; {refused} more did not compile)")
    return 0 if share >= LEAST_KILLED else 1


if __name__ == "__main__":
    sys.exit(main())
