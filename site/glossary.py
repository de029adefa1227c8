"""The entries of docs/glossary.md and docs/glossary.zh-CN.md."""
import pathlib
import re

DOCS = pathlib.Path(__file__).resolve().parents[1] / "docs"
ENTRY = re.compile(r"^\*\*(.+?)\*\* \((.+?)\)", re.M)


def entries(language):
    """Returns the terms of a page: (English, Chinese) for each entry."""
    page = "glossary.md" if language == "en" else "glossary.zh-CN.md"
    return ENTRY.findall((DOCS / page).read_text(encoding="utf-8"))


def chinese_terms():
    return sorted({term for _, chinese in entries("zh") for term in re.findall(r"[\u4e00-\u9fff]+", chinese)})
