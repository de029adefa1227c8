"""The configuration of Sphinx for both languages. build.py sets the variables WEIR_SITE_*."""
import logging
import os

import jieba
import snowballstemmer
from sphinx.search.zh import SearchChinese

jieba.setLogLevel(logging.ERROR)
language_key = os.environ["WEIR_SITE_LANGUAGE"]
is_chinese = language_key == "zh"

project = "weir"
author = copyright = "the authors of weir"
language = "zh_CN" if is_chinese else "en"
extensions = ["myst_parser", "breathe"]
source_suffix = {".md": "markdown"}
root_doc = "index"
nitpicky = False
highlight_language = "none"  # tables in comments are literal blocks, too

myst_enable_extensions = ["deflist"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]

breathe_projects = {"weir": os.environ["WEIR_SITE_XML"]}
breathe_default_project = "weir"
breathe_show_include = False
breathe_show_enumvalue_initializer = False
cpp_index_common_prefix = ["weir::"]

html_theme = "furo"
html_title = "weir"
html_favicon = "static/weir.svg"
html_static_path = ["static"]
templates_path = ["templates"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_search_language = "zh" if is_chinese else "en"
html_search_options = {"dict": os.environ["WEIR_SITE_TERMS"]}
pygments_style, pygments_dark_style = os.environ["WEIR_SITE_STYLES"].split()


class search_chinese(SearchChinese):
    """Stems English words as the script in the browser does: Sphinx's own class uses another algorithm and keeps short
    words. Keeps a word of one character if it is a term of the glossary."""

    def init(self, options):
        super().init(options)
        self.stemmer = snowballstemmer.stemmer("porter")
        with open(options["dict"], encoding="utf-8") as lines:
            self.terms = {line.split()[0] for line in lines}

    def word_filter(self, stemmed_word):
        return len(stemmed_word) > 1 or stemmed_word in self.terms

    def stem(self, word):
        return self.stemmer.stemWord(word.lower())


def setup(app):
    app.add_search_language(search_chinese)
