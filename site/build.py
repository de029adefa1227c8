#!/usr/bin/python3
"""build.py [FOLDER]: builds the site from docs/, the public headers and the files they link to, in English and Chinese.

    FOLDER (build/site)/
      xml/          the output of Doxygen for the public headers
      en/ zh/       the pages as Sphinx reads them: docs/X.md and docs/X.zh-CN.md become X.md of their language
      html/         the site: index.html, en/, zh/, and source/ with the linked files of the repository

A link from page to page stays such a link. A link to a file of the repository leads to a copy of the file with colours.
Any warning of Sphinx or Doxygen is an error, such as a broken link, a page in no table of contents, or a declaration
that was not found.
"""
import html
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pygments
import pygments.formatters
import pygments.lexers

import glossary
import reference

TOP = pathlib.Path(__file__).resolve().parents[1]
SITE = TOP / "site"
DOCS = TOP / "docs"

# The pages in their order, below the headings of the table of contents.
CONTENTS = (
    (("Begin", "入门"), ("first-program", "textbook", "coroutines")),
    (("Build with it", "使用"), ("framing", "cookbook", "limits", "tls", "errors", "lifetimes", "behaviour")),
    (("Look up", "查阅"), ("reference/index", "glossary", "comparison", "EVIDENCE")),
)
ENGLISH_ALONE = ("EVIDENCE",)

CODE_STYLES = ("default", "github-dark")  # light and dark; both have enough contrast to their background

LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
FENCE = re.compile(r"^(```.*?^```$)", re.M | re.S)


def source_page(path, made):
    """Makes a page from a file of the repository, or from the list of a folder. Returns the path of the page."""
    name = path.relative_to(TOP).as_posix()
    if name in made:
        return made[name]
    made[name] = f"source/{name}.html" if path.is_file() else f"source/{name}/index.html"
    if path.is_dir():
        inside = sorted(one for one in path.iterdir() if one.is_file() and not one.name.startswith("."))
        depth = made[name].count("/")
        body = "<ul>" + "".join(f'<li><a href="{"../" * depth}{source_page(one, made)}">{html.escape(one.name)}</a></li>'
                                for one in inside) + "</ul>"
        made.pages[made[name]] = (name + "/", body)
        return made[name]
    text = path.read_text(encoding="utf-8")
    try:
        lexer = pygments.lexers.CppLexer() if path.suffix == ".h" else pygments.lexers.get_lexer_for_filename(path.name)
    except pygments.util.ClassNotFound:
        lexer = pygments.lexers.TextLexer()
    formatter = pygments.formatters.HtmlFormatter(linenos="inline", lineanchors="line", wrapcode=True)
    made.pages[made[name]] = (name, pygments.highlight(text, lexer, formatter))
    return made[name]


class sources(dict):
    """The linked files of the repository: {name: page}, and the contents of the pages."""

    def __init__(self):
        super().__init__()
        self.pages = {}

    def write(self, folder):
        styles = [pygments.formatters.HtmlFormatter(style=style).get_style_defs(".highlight")
                  for style in CODE_STYLES]
        for place, (name, body) in self.pages.items():
            target = folder / place
            target.parent.mkdir(parents=True, exist_ok=True)
            raw = ""
            if (TOP / name).is_file():
                shutil.copyfile(TOP / name, target.with_suffix(""))
                raw = f' · <a href="{html.escape(target.stem)}" download>the file without line numbers</a>'
            target.write_text(f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<link rel="icon" href="{"../" * place.count("/")}en/_static/weir.svg">
<title>{html.escape(name)}</title><style>
body {{ margin: 1rem auto; max-width: 62rem; padding: 0 1rem; font: 1rem sans-serif; background: #fff; color: #111 }}
h1 {{ font-size: 1.4rem; overflow-wrap: anywhere }} pre {{ overflow-x: auto; font-size: .85rem; line-height: 1.35 }} a {{ color: #0a5c9e }}
.highlight .linenos {{ color: #666; user-select: none }}
{styles[0]}
@media (prefers-color-scheme: dark) {{ body {{ background: #131416; color: #ddd }} a {{ color: #6bb6ff }}
{styles[1]} .highlight {{ background: transparent }} .highlight .linenos {{ color: #999 }} }}
</style></head><body><main><h1>{html.escape(name)}</h1>
<p><a href="{"../" * place.count("/")}index.html">weir</a>{raw}</p>
{body}</main></body></html>
""", encoding="utf-8")


def staged(name, text, language, made):
    """Returns the text of docs/NAME.md as a page of the site, with links to the targets in the site."""
    up = "../" * name.count("/")

    def turned(found):
        image, words, target = found.groups()
        if image or re.match(r"[a-z]+:|#", target):
            return found[0]
        path, _, place = target.partition("#")
        file = ((DOCS / name).parent / path).resolve()
        if not file.exists():
            raise SystemExit(f"docs/{name}: {target} is not there")
        anchor = "#" + place if place else ""
        if file.parent.is_relative_to(DOCS) and file.suffix == ".md":
            page = file.relative_to(DOCS).as_posix().removesuffix(".md")
            theirs = "zh" if page.endswith(".zh-CN") else "en"
            page = page.removesuffix(".zh-CN")
            if theirs == language:
                return f"[{words}]({up}{page}.md{anchor})"
            spoken = "zh-CN" if theirs == "zh" else "en"
            return f'<a href="{up}../{theirs}/{page}.html{anchor}" hreflang="{spoken}">{words}</a>'
        return f'<a href="{up}../{source_page(file, made)}{anchor}">{words}</a>'

    pieces = FENCE.split(text)
    return "".join(piece if piece.startswith("```") else LINK.sub(turned, piece) for piece in pieces)


def contents(language):
    """Yields the parts of the table of contents, which only Sphinx's copy of index.md has."""
    for heading, pages in CONTENTS:
        caption = heading[0] if language == "en" else heading[1]
        listed = [page for page in pages if language == "en" or page not in ENGLISH_ALONE]
        yield "\n".join(["", "```{toctree}", ":hidden:", f":caption: {caption}", "", *listed, "```", ""])


def topics(language):
    """Returns the list of topics. The reference has English text only, so both languages link to these pages."""
    if language == "en":
        return "\n".join(["", "```{toctree}", ":maxdepth: 1", "", *(one.key for one in reference.TOPICS), "```", ""])
    links = [f'- <a href="../../en/reference/{one.key}.html" hreflang="en">{one.chinese}</a>：{one.about_chinese}'
             for one in reference.TOPICS]
    return "\n".join(["", "以下各页的声明和说明取自头文件，均为英文：", "", *links, ""])


def stage(language, folder, made, names):
    ending = ".md" if language == "en" else ".zh-CN.md"
    (folder / "reference").mkdir()
    pages = [page for _, some in CONTENTS for page in some] + ["index"]
    for page in pages:
        if language == "zh" and page in ENGLISH_ALONE:
            continue
        source = DOCS / (page + ending)
        text = staged(page, source.read_text(encoding="utf-8"), language, made)
        if page == "index":
            text += "".join(contents(language))
        if page == "reference/index":
            text += topics(language)
        (folder / f"{page}.md").write_text(text, encoding="utf-8")
    if language == "en":
        for one in reference.TOPICS:
            (folder / f"reference/{one.key}.md").write_text(reference.page(one, names), encoding="utf-8")
    shutil.copytree(DOCS / "pictures", folder / "pictures")


def run(command, **how):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False, **how)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} failed:\n{done.stdout}")
    return done.stdout


def read_headers(folder):
    wrong = list(reference.coverage())
    if wrong:
        raise SystemExit("\n".join(wrong))
    settings = (SITE / "Doxyfile").read_text(encoding="utf-8")
    inputs = " ".join(str(TOP / "weir" / name) for name in reference.public_headers())
    settings += f'\nOUTPUT_DIRECTORY={folder}\nINPUT={inputs}\nINPUT_FILTER="{sys.executable} -S {SITE / "comments.py"}"\n'
    settings += f"STRIP_FROM_PATH={TOP}\nWARN_LOGFILE={folder}/doxygen.log\n"
    run(["doxygen", "-"], input=settings)
    # Doxygen mistakes the name `local` for a keyword of IDL, and the type for the name.
    wrong = (r"<type>constexpr</type>(\s*)<definition>constexpr weir::socket::address_family</definition>"
             r"(\s*<argsstring></argsstring>\s*)<name>address_family</name>(\s*)"
             r"<qualifiedname>weir::socket::address_family</qualifiedname>")
    right = (r"<type>constexpr address_family</type>\1<definition>constexpr address_family weir::socket::local</definition>"
             r"\2<name>local</name>\3<qualifiedname>weir::socket::local</qualifiedname>")
    page = folder / "xml/classweir_1_1socket.xml"
    page.write_text(re.sub(wrong, right, page.read_text(encoding="utf-8")), encoding="utf-8")
    warnings = (folder / "doxygen.log").read_text(encoding="utf-8")
    return [line for line in warnings.splitlines() if "warning:" in line and "std::hash" not in line]


def complete_theme(static):
    """Adds what Debian's furo lacks: a style sheet that the theme loads from the root of the server, dark colours for a
    browser that prefers them, and a script that is not a module, because the pages load it as a plain script."""
    sheet = static / "styles/furo.css"
    text = sheet.read_text(encoding="utf-8")
    shutil.copy("/usr/share/javascript/normalize.css/normalize.css", static / "styles/normalize.css")
    text = text.replace("url(/javascript/normalize.css/normalize.css)", "url(normalize.css)")
    dark = re.search(r"@media not print (\{\n  body\[data-theme=\"dark\"\].*?\} \})\n", text, re.S)
    if dark:
        rules = dark[1].replace('data-theme="dark"', 'data-theme="auto"')
        text = f"{text[:dark.end()]}\n@media screen and (prefers-color-scheme: dark) {rules}\n{text[dark.end():]}"
    sheet.write_text(text, encoding="utf-8")
    script = static / "scripts/furo.js"
    text = script.read_text(encoding="utf-8")
    imported = 'import Gumshoe from "./gumshoe-patched.js";\n'
    if imported in text:
        gumshoe = (static / "scripts/gumshoe-patched.js").read_text(encoding="utf-8")
        script.write_text(gumshoe + text.replace(imported, ""), encoding="utf-8")


def build(folder):
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    warnings = read_headers(folder)
    names = reference.declared(folder / "xml")
    made = sources()
    for language in ("en", "zh"):
        (folder / language).mkdir()
        stage(language, folder / language, made, names)
    made.write(folder / "html")
    terms = folder / "terms.txt"
    # Without this list, jieba would split some terms into two words.
    terms.write_text("".join(f"{term} 100000\n" for term in glossary.chinese_terms()), encoding="utf-8")
    running = []
    for language in ("en", "zh"):
        environment = {**os.environ, "WEIR_SITE_LANGUAGE": language, "WEIR_SITE_XML": str(folder / "xml"),
                       "WEIR_SITE_TERMS": str(terms), "WEIR_SITE_STYLES": " ".join(CODE_STYLES), "LC_ALL": "C.UTF-8"}
        command = [sys.executable, "-m", "sphinx", "-q", "-c", str(SITE), "-d", str(folder / f"doctrees.{language}"),
                   str(folder / language), str(folder / "html" / language)]
        running.append(subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True))
    for one in running:
        said = one.communicate()[1]
        warnings += said.splitlines()
        if one.returncode != 0:
            raise SystemExit(said)
    for language in ("en", "zh"):
        complete_theme(folder / "html" / language / "_static")
    shutil.copy(SITE / "choose.html", folder / "html/index.html")
    return warnings


if __name__ == "__main__":
    target = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else TOP / "build/site").resolve()
    wrong = build(target)
    print("\n".join(wrong))
    print(f"{target}/html: {len(wrong)} warnings")
    sys.exit(1 if wrong else 0)
