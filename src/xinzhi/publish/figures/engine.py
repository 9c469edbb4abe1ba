"""ECharts in a V8 of our own: an option becomes an SVG, without browser and without Node.

One context serves the whole process, one figure at a time; it ends with the process. It lives in a thread of its own
from its first to its last moment: V8 protects its memory from threads that are not those of its making, so closing it from
another crashes the process; and in notebooks an event loop runs in the thread of the reader.
"""

from __future__ import annotations

import atexit
import json
import re
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from functools import cache, partial
from queue import SimpleQueue
from threading import Lock, Thread
from typing import TYPE_CHECKING, Any

from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.publish.assets import asset
from xinzhi.publish.fonts import SANS

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

_DRAW = """
var widths = {};
var width = function (text, font) {
  var size = parseFloat((/([0-9.]+)px/.exec(font) || [0, 12])[1]);
  var table = /bold|[67]00/.test(font) ? widths.bold : widths.regular;
  var ems = 0;
  for (var c of text) ems += c in table ? table[c] : 1;
  return { width: ems * size };
};
echarts.setPlatformAPI({ measureText: width });
var draw = function (text) {
  var asked = JSON.parse(text);
  var chart = echarts.init(null, null, { renderer: "svg", ssr: true, width: asked.width, height: asked.height });
  chart.setOption(asked.option);
  var svg = chart.renderToSVGString();
  chart.dispose();
  return svg;
};
var register = function (name, text) {
  echarts.registerMap(name, JSON.parse(text));
  return true;
};
"""
# What the renderer adds for a page that comes alive later, and the numbers that count its charts.
_LIVELY = re.compile(r"<style ?>.*?</style>\s*| ecmeta_\w+=\"[^\"]*\"| class=\"zr\d+[^\"]*\"", re.DOTALL)
_COUNTED = re.compile(r"\bzr\d+-(?:c\w*?)?(\d+)\b")
_asked: SimpleQueue[tuple[Future[Any], Callable[[], Any]]] = SimpleQueue()
_starting = Lock()
_registered: dict[str, Any] = {}


def render(option: Mapping[str, Any], width: int, height: int, maps: Mapping[str, Any], name: str) -> str:
    """Return the SVG of an option; the same bytes for the same option, whatever was drawn before.

    Parameters
    ----------
    option : mapping
        As ECharts takes it.
    width, height : int
        In pixels.
    maps : mapping of str to GeoJSON
        The maps that the option names.
    name : str
        Begins the ids inside the SVG, so that several can stand on one page.
    """
    asked = json.dumps({"option": option, "width": width, "height": height}, allow_nan=False)
    svg: str = _in_thread(partial(_drawn, asked, maps))
    numbers: dict[str, int] = {}

    def renamed(match: re.Match[str]) -> str:
        return f"{name}-{numbers.setdefault(match[0], len(numbers))}"

    return _COUNTED.sub(renamed, _LIVELY.sub("", svg))


def _in_thread(work: Callable[[], Any]) -> Any:
    """Return what `work` does in the thread of the context."""
    with _starting:
        _thread()
    future: Future[Any] = Future()
    _asked.put((future, work))
    return future.result()


@cache
def _thread() -> Thread:
    """Start the thread; as a daemon it still runs when the process closes the context."""
    thread = Thread(target=_serve, name="xinzhi-figures", daemon=True)
    thread.start()
    return thread


def _serve() -> None:
    while True:
        future, work = _asked.get()
        try:
            future.set_result(work())
        except BaseException as error:
            future.set_exception(error)


def _drawn(asked: str, maps: Mapping[str, Any]) -> str:
    context = _context()
    for name, shapes in maps.items():
        if _registered.get(name) != shapes:
            context.call("register", name, json.dumps(shapes))
            _registered[name] = shapes
    return str(context.call("draw", asked))


@cache
def _context() -> MiniRacer:
    try:
        from py_mini_racer import MiniRacer
    except ImportError as error:
        raise CallError(
            _("没有安装作图用的组件"), remedy=_("请运行 pip install 'xinzhi[publish]'")
        ) from error
    context = MiniRacer()
    atexit.register(_in_thread, context.close)
    context.eval(asset("echarts.min.js").read_text(encoding="utf-8"))
    context.eval(_DRAW)
    context.eval("widths = " + json.dumps({weight: _widths(weight) for weight in ("regular", "bold")}))
    return context


@cache
def _widths(weight: str) -> dict[str, float]:
    tables = json.loads(asset("widths.json").read_text(encoding="utf-8"))
    table: dict[str, float] = tables[f"{SANS.replace(' ', '')}-{weight.capitalize()}.ttf"]
    return table


def text_width(text: str, size: float, weight: str = "regular") -> float:
    """Return how wide a text is set in the figures' font, in pixels."""
    table = _widths(weight)
    return size * sum(table.get(character, 1.0) for character in text)
