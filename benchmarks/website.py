"""The public site of as many counties as an assessment ranks: how long it takes, what its pages weigh, when they answer."""

from __future__ import annotations

import gzip
import resource
import shutil
import statistics
import tempfile
import threading
import time
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.paper import apart, counties
from benchmarks.timing import Line
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import edition_of
from xinzhi.publish.website import write_site

UNITS = 1_866
_READY = "performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
_CHOICES = Choices(analyses=("robustness", "obstacles"), replications=500)


def lines() -> Iterator[Line]:
    """Yield the lines of the benchmark."""
    yield from apart(_site)


def _site() -> list[Line]:
    edition = edition_of([counties(UNITS)], choices=_CHOICES)
    count = len(edition.main.standing.codes)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        start = time.perf_counter()
        write_site(edition, folder, portraits=False)
        taken = time.perf_counter() - start
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        what = f"public site of {count:,} counties, two languages"
        found = [Line(what, taken, within=180, memory=peak)]
        ours = [page for page in folder.rglob("*.html") if page.name != "map.html"]
        start = time.perf_counter()
        weight, heaviest = max((_weight(folder, page), page) for page in ours)
        taken = time.perf_counter() - start
        about = heaviest.relative_to(folder).as_posix()
        what = f"heaviest of {len(ours):,} pages, compressed: {about}"
        found.append(Line(what, taken, weight=weight, weight_within=400))
        start = time.perf_counter()
        weight = _weight(folder, next(folder.glob("*/map.html")))
        taken = time.perf_counter() - start
        found.append(Line("map of the counties, compressed", taken, weight=weight, weight_within=1_200))
        if chromium := shutil.which("chromium"):
            seconds = _interactive(folder, f"{edition.main.id}/index.html", chromium)
            found.append(Line("the ranking answers in Chromium", seconds, within=1))
    return found


def _weight(folder: Path, page: Path) -> float:
    """Return the compressed thousands of bytes of a page with the scripts, styles and data it loads."""
    loaded = [page, folder / "static" / "site.css", folder / "static" / "site.js"]
    if page.name in ("compare.html", "method.html"):
        loaded.append(page.parent / "data.json")
    return sum(len(gzip.compress(path.read_bytes(), mtime=0)) for path in loaded) / 1000


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_told: object) -> None:
        pass


def _interactive(folder: Path, page: str, chromium: str) -> float:
    """Return the seconds from asking for a page to the end of its scripts, which answer from then on; the median."""
    from playwright.sync_api import sync_playwright

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
            address = f"http://127.0.0.1:{server.server_address[1]}/{page}"
            taken = []
            for _round in range(5):
                opened = browser.new_page()
                opened.goto(address, wait_until="load")
                opened.locator("#filters output:not(:empty)").wait_for()
                taken.append(opened.evaluate(_READY) / 1000)
                opened.close()
            browser.close()
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
    return statistics.median(taken)
