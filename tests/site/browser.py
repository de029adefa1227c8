#!/usr/bin/python3
"""browser.py FOLDER [PICTURES]: checks the site in FOLDER with a real Chromium, and prints what is wrong.

Checks each page in light and dark colours, 375 and 1,280 pixels wide: no error on the console, no request to another
host, no horizontal scrolling, headings in order, labels, contrast, and the language (look.js). Then checks the search
in both languages: common words and each term of the glossary must be found. PICTURES is a folder for pictures of some
pages.
"""
import functools
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

from selenium import webdriver

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "site"))
import glossary
LOOK = (pathlib.Path(__file__).parent / "look.js").read_text(encoding="utf-8")
SPOKEN = {"en": "en", "zh": "zh-CN"}
# Words to search for, and pages: the search must find one of these pages.
SEARCHED = {
    "en": {"SO_REUSEADDR": ("textbook", "limits", "cookbook", "reference/sockets"), "with_deadline": ("coroutines", "cookbook"),
           "half-close": ("glossary", "textbook"), "receive": ("reference/channels", "textbook")},
    "zh": {"粘包": ("textbook", "glossary"), "半关闭": ("glossary", "textbook"), "SO_REUSEADDR": ("textbook", "limits"),
           "with_deadline": ("coroutines", "cookbook")},
}
PICTURED = ("en/index", "zh/index", "en/reference/channels", "zh/textbook", "en/cookbook", "index", "en/search",
            "source/examples/cookbook/retry.cpp")


class quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


def served(folder):
    here = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(quiet, directory=str(folder)))
    threading.Thread(target=here.serve_forever, daemon=True).start()
    return f"http://127.0.0.1:{here.server_address[1]}"


def browser():
    options = webdriver.ChromeOptions()
    for word in ("--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--disable-dev-shm-usage"):
        options.add_argument(word)  # as root Chromium needs --no-sandbox
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    return webdriver.Chrome(options=options)


def console(driver, site):
    for line in driver.get_log("browser"):
        if line["level"] in ("SEVERE", "WARNING"):
            yield f"console: {line['message']}"
    for line in driver.get_log("performance"):
        event = json.loads(line["message"])["message"]
        if event["method"] == "Network.requestWillBeSent":
            url = event["params"]["request"]["url"]
            if not url.startswith((site, "data:", "chrome:", "about:")):
                yield f"a request to another host: {url}"


def size(driver, width):
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                           {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600})


def look(driver, site, page, pictures):
    language = page.partition("/")[0]
    driver.get(f"{site}/{page}.html")
    spoken = driver.find_element("css selector", "html").get_attribute("lang").replace("_", "-")
    if spoken != SPOKEN.get(language, "en"):
        yield f"{page}: the language is {spoken}"
    for wrong in console(driver, site):
        yield f"{page}: {wrong}"
    grounds = set()
    for theme in ("light", "dark"):
        driver.execute_cdp_cmd("Emulation.setEmulatedMedia",
                               {"features": [{"name": "prefers-color-scheme", "value": theme}]})
        for width in (375, 1280):
            size(driver, width)
            for wrong in driver.execute_script(f"const wrong =\n{LOOK}; return wrong"):
                yield f"{page}, {theme}, {width} pixels: {wrong}"
            if pictures and page in PICTURED:
                driver.save_screenshot(f"{pictures}/{page.replace('/', '.')}.{theme}.{width}.png")
        grounds.add(driver.execute_script("return getComputedStyle(document.body).backgroundColor"))
    if len(grounds) == 1:
        yield f"{page}: it is not dark for a reader who prefers that"


SEARCH_IS_OVER = """
const summary = document.querySelector("#search-results .search-summary");
if (!summary || !summary.innerText.trim()) return false;
const count = summary.innerText.match(/\\d+/);
return !count || document.querySelectorAll("#search-results li").length >= Number(count[0]);
"""


def found(driver, site, language, words):
    driver.get(f"{site}/{language}/search.html?q={urllib.parse.quote(words)}")
    end = time.monotonic() + 20
    while not driver.execute_script(SEARCH_IS_OVER):
        if time.monotonic() > end:
            raise SystemExit(f"the search of {language} for {words} does not end")
        time.sleep(0.02)
    links = driver.execute_script("return [...document.querySelectorAll('#search-results li a')].map((a) => a.href)")
    return {re.sub(r".*?/(?:en|zh)/|\.html.*", "", link) for link in links}


def terms(language):
    """Returns each term of the glossary, and for Chinese its translation, too."""
    words = [word for english, chinese in glossary.entries(language)
             for word in ((english,) if language == "en" else (english, chinese))]
    return [part.strip() for word in words for part in re.split(r"[,，、/()（）]", word) if part.strip()]


def search(driver, site):
    for language, asked in SEARCHED.items():
        for words, pages in asked.items():
            if not found(driver, site, language, words) & set(pages):
                yield f"the search of {language} finds none of {pages} for {words}"
        for term in terms(language):
            if "glossary" not in found(driver, site, language, term):
                yield f"the search of {language} does not find {term} in the glossary"


def main(folder, pictures=None):
    site = served(folder)
    pages = sorted(path.relative_to(folder).with_suffix("").as_posix() for path in pathlib.Path(folder).rglob("*.html"))
    wrong = 0
    driver = browser()
    try:
        driver.execute_cdp_cmd("Network.enable", {})
        for page in pages:
            for line in look(driver, site, page, pictures):
                print(line)
                wrong += 1
        for line in search(driver, site):
            print(line)
            wrong += 1
    finally:
        driver.quit()
    print(f"{len(pages)} pages, {wrong} faults")
    return 1 if wrong or len(pages) < 20 else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
