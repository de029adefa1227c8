"""The string literals of the sources, to check pages that quote them."""
import pathlib
import re

TOP = pathlib.Path(__file__).resolve().parents[2]
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
SHORTEST = 4  # shorter parts of a text prove nothing


class source_texts:
    """The string literals in the sources and headers of some folders of the repository."""

    def __init__(self, *folders):
        paths = [path for folder in folders for path in sorted((TOP / folder).rglob("*"))
                 if path.suffix in (".cc", ".h")]
        sources = "\n".join(path.read_text(encoding="utf-8") for path in paths)
        joined = re.sub(r'"\s*\n\s*"', "", re.sub(r"^\s*(//|#).*$", "", sources, flags=re.M))
        literals = {found[1].replace('\\"', '"') for found in LITERAL.finditer(joined)}
        # fmt replaces each pair of braces by other text.
        self.parts = {part for literal in literals for part in re.split(r"\{[^{}]*\}", literal) if part}
        self.whole = "\0".join(self.parts)

    def has(self, text):
        """Whether the text is in one literal, or is the end of one, at most one whole literal, and the start of one."""
        if text in self.whole:
            return True
        behind = [text[place:] for place in range(SHORTEST, len(text)) if text[:place] + "\0" in self.whole + "\0"]
        behind += [rest[len(part):] for rest in behind for part in self.parts
                   if len(part) >= SHORTEST and rest.startswith(part)]
        return any(not rest or len(rest) >= SHORTEST and "\0" + rest in "\0" + self.whole for rest in behind)

    def missing(self, quoted):
        """Splits a quoted text at each `…`, and returns the parts that no source has."""
        return [part for part in (part.strip(" ,:") for part in quoted.split("…")) if part and not self.has(part)]
