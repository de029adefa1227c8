"""Checks the site: site.py CHECK [ARGUMENT...]. site.bats calls it.

    documented XML HTML  each public name has a description in Doxygen's XML, and a place in the reference of HTML
    sisters [DOCS]       each page of docs/ is there in both languages, and so are its pictures
    search HTML          each Chinese term of the glossary is in the search index
"""
import json
import pathlib
import re
import sys
import xml.etree.ElementTree as xml

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "site"))
import glossary
ENGLISH_ALONE = {"EVIDENCE"}


def text_of(one):
    return "".join(part for kind in ("briefdescription", "detaileddescription")
                   for found in one.findall(kind) for part in found.itertext()).strip()


def needs_no_words(member):
    """Whether C++ defines the meaning: special members that are defaulted or deleted, a destructor, an assignment, or a
    function that co_await calls."""
    name, arguments = member.findtext("name"), member.findtext("argsstring") or ""
    return (name.startswith("~") or name == "operator=" or name in ("await_ready", "await_suspend", "await_resume", "get_return_object") or re.search(r"= ?(default|delete)$", arguments)
            or member.get("kind") == "friend" and arguments == "")


def public_names(folder):
    """Returns (name, whether it is documented, id) of each public name, from the XML of Doxygen."""
    for path in sorted(pathlib.Path(folder).glob("*.xml")):
        if not path.name.startswith(("class", "struct", "namespaceweir")):
            continue
        for compound in xml.parse(path).getroot().findall("compounddef"):
            name = compound.findtext("compoundname")
            if "internal" in name or not name.startswith("weir") or compound.get("prot") in ("private", "protected"):
                continue
            if compound.get("kind") != "namespace":
                yield name, bool(text_of(compound)), compound.get("id")
            for member in compound.iter("memberdef"):
                if member.get("prot") == "public" and not needs_no_words(member):
                    yield f"{name}::{member.findtext('name')}", bool(text_of(member)), member.get("id")


def documented(folder, html):
    pages = "".join(path.read_text(encoding="utf-8") for path in pathlib.Path(html).glob("en/reference/*.html"))
    shown = set(re.findall(r'id="([\w-]+)"', pages))
    seen = 0
    for name, has_words, place in public_names(folder):
        seen += 1
        if not has_words:
            yield f"{name} has no description"
        if place not in shown:
            yield f"{name} is in no page of the reference"
    if seen < 500:
        yield f"only {seen} public names were found"


def sisters(docs=TOP / "docs"):
    docs = pathlib.Path(docs)
    pages = {path.relative_to(docs).as_posix().removesuffix(".md") for path in docs.rglob("*.md")}
    english = {page for page in pages if not page.endswith(".zh-CN")}
    chinese = {page.removesuffix(".zh-CN") for page in pages - english}
    yield from (f"docs/{name} is there in one language alone" for name in (english - ENGLISH_ALONE) ^ chinese)
    for path in docs.rglob("*.md"):
        for picture in re.findall(r"!\[[^\]]*\]\(([^)]+)\)", path.read_text(encoding="utf-8")):
            if not (path.parent / picture).exists():
                yield f"{path.name}: the picture {picture} is not there"
    if len(english) < 10:
        yield f"only {len(english)} pages"


def search(html):
    """Checks only the index; tests/site/browser.py checks with a browser that a term is found."""
    terms = glossary.chinese_terms()
    if len(terms) < 100:
        yield f"the Chinese glossary has only {len(terms)} terms"
    for language in ("en", "zh"):
        if len(glossary.entries(language)) < 100:
            yield f"the glossary of {language} has only {len(glossary.entries(language))} entries"
    index = (pathlib.Path(html) / "zh/searchindex.js").read_text(encoding="utf-8")
    known = json.loads(re.search(r"Search\.setIndex\((.*)\)", index, flags=re.S)[1])
    yield from (f"the search index has not {term}" for term in terms
                if term not in known["terms"] and term not in known["titleterms"])


if __name__ == "__main__":
    checks = {"documented": documented, "sisters": sisters, "search": search}
    wrong = list(checks[sys.argv[1]](*sys.argv[2:]))
    print("\n".join(wrong))
    sys.exit(1 if wrong else 0)
