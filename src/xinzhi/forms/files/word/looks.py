"""How text looks after all inheritance: defaults, table, paragraph and character style, run; fonts and colours of the theme."""

from __future__ import annotations

import colorsys
from dataclasses import dataclass
from typing import NamedTuple

from xinzhi.forms.files.word.names import A, Element, W, is_on, value_of
from xinzhi.forms.files.word.symbols import is_symbol_font

# Names that the same typeface has in English, in lower case; files carry either.
_FONTS = {
    "simsun": "宋体",
    "nsimsun": "新宋体",
    "simhei": "黑体",
    "kaiti": "楷体",
    "kaiti_gb2312": "楷体_GB2312",
    "fangsong": "仿宋",
    "fangsong_gb2312": "仿宋_GB2312",
    "microsoft yahei": "微软雅黑",
    "microsoft jhenghei": "微軟正黑體",
    "dengxian": "等线",
    "stsong": "华文宋体",
    "stzhongsong": "华文中宋",
    "stkaiti": "华文楷体",
    "stfangsong": "华文仿宋",
    "stheiti": "华文黑体",
    "lisu": "隶书",
    "youyuan": "幼圆",
    "mingliu": "細明體",
    "pmingliu": "新細明體",
}
_THEME_COLOURS = {
    "dark1": "dk1",
    "text1": "dk1",
    "light1": "lt1",
    "background1": "lt1",
    "dark2": "dk2",
    "text2": "dk2",
    "light2": "lt2",
    "background2": "lt2",
    "hyperlink": "hlink",
    "followedHyperlink": "folHlink",
} | {f"accent{n}": f"accent{n}" for n in range(1, 7)}

_SWITCHES = {W + "vanish": "hidden", W + "strike": "struck", W + "dstrike": "struck_twice"}
_FONT, _SIZE, _COLOUR, _RAISED = W + "rFonts", W + "sz", W + "color", W + "vertAlign"
_SHIFTED, _SHADING, _HIGHLIGHT = W + "position", W + "shd", W + "highlight"
_HIGHLIGHTS = {"black": "000000", "white": "FFFFFF", "red": "FF0000", "blue": "0000FF", "yellow": "FFFF00"}
_LEAST_SHIFT = 3.0  # points from which text set higher or lower reads as raised; a cell is evened out by less
_WANTED = {_FONT, _SIZE, _COLOUR, _RAISED, _SHIFTED, _SHADING, _HIGHLIGHT, W + "rStyle", *_SWITCHES}

Properties = dict[str, str | float | bool]


class Look(NamedTuple):
    """The look of a run; `symbols` is its symbol font, if it has one."""

    font: str
    points: float
    colour: str
    hidden: bool
    struck: bool
    symbols: str
    raised: str
    ground: str


@dataclass(frozen=True, slots=True)
class ParagraphStyle:
    """What a paragraph has from its style: the name as people see it, numbering, alignment."""

    id: str
    name: str
    numbered: bool
    alignment: str


def font_name(name: str) -> str:
    """Return a font by its Chinese name; LibreOffice writes lists of fonts, of which the first counts."""
    name = name.split(";")[0].strip().lstrip("@")
    return _FONTS.get(name.lower(), name)


def shading(element: Element | None) -> str:
    """Return the colour that a shading lays behind text; blank for none or one of the theme."""
    fill = "" if element is None or element.get(W + "themeFill") else element.get(W + "fill", "").upper()
    return fill if len(fill) == 6 and all(sign in "0123456789ABCDEF" for sign in fill) else ""


class Looks:
    """The styles and the theme of a document.

    Parameters
    ----------
    styles, theme : Element or None
        The parts, None where there are none.
    """

    def __init__(self, styles: Element | None, theme: Element | None) -> None:
        self._theme_fonts, self._theme_colours = _fonts_of(theme), _colours_of(theme)
        self._styles: dict[str, Element] = {}
        self._usual: dict[str, str] = {}
        self._defaults: Properties = {}
        self._chains: dict[str, Properties] = {}
        self._merged: dict[tuple[str, str, str], Properties] = {}
        self._paragraphs: dict[str, ParagraphStyle] = {}
        self._looks: dict[tuple[object, ...], Look] = {}
        if styles is not None:
            self._defaults = self._properties(styles.find(f"{W}docDefaults/{W}rPrDefault/{W}rPr"))
            for style in styles.iterchildren(W + "style"):
                id = style.get(W + "styleId", "")
                self._styles.setdefault(id, style)
                if is_on(style, W + "default") and style.get(W + "default"):
                    self._usual.setdefault(style.get(W + "type", ""), id)

    def table_style(self, id: str | None) -> str:
        """Return the id of the style of a table, which has the usual one unless it says."""
        return id or self._usual.get("table", "")

    def paragraph_style(self, id: str | None) -> ParagraphStyle:
        """Return the style of a paragraph, which has the usual one unless it says."""
        id = id or self._usual.get("paragraph", "")
        if id not in self._paragraphs:
            chain = self._chain(id)
            alignment = next((found for style in chain if (found := _below(style, "jc"))), "")
            numbering = next(
                (found for style in chain if (found := _below(style, "numPr/" + W + "numId"))), "0"
            )
            self._paragraphs[id] = ParagraphStyle(id, self.name(id), numbering != "0", alignment)
        return self._paragraphs[id]

    def name(self, id: str) -> str:
        """Return the name of a style as people see it; ids are arbitrary."""
        return value_of(self._styles.get(id), "name") or id

    def look(self, table: str, paragraph: str, own: Element | None) -> Look:
        """Return the look of a run.

        Parameters
        ----------
        table, paragraph : str
            Ids of the styles of table and paragraph; blank for none.
        own : Element or None
            The ``w:rPr`` of the run.
        """
        key: list[object] = [table, paragraph]
        for child in own if own is not None else ():
            if child.tag in _WANTED:
                key.append(child.tag)
                key += child.items()
        known = tuple(key)
        if known not in self._looks:
            self._looks[known] = self._look(table, paragraph, own)
        return self._looks[known]

    def _look(self, table: str, paragraph: str, own: Element | None) -> Look:
        merged = self._of_styles(table, paragraph, value_of(own, "rStyle") or "") | self._properties(own)
        return Look(
            font=str(merged.get("font", "")),
            points=float(merged.get("points", 0.0)),
            colour=str(merged.get("colour", "")),
            hidden=bool(merged.get("hidden")),
            struck=bool(merged.get("struck") or merged.get("struck_twice")),
            symbols=str(merged.get("symbols", "")),
            raised=str(merged.get("raised", "")),
            ground=str(merged.get("ground", "")),
        )

    def _of_styles(self, table: str, paragraph: str, character: str) -> Properties:
        key = (table, paragraph, character)
        if key not in self._merged:
            merged = dict(self._defaults)
            for id in key:
                own = self._of_chain(id)
                # Set by two styles, a switch is off again (ECMA-376 part 1, 17.7.3).
                turned = {
                    name: own[name] != merged.get(name, False) for name in _SWITCHES.values() if name in own
                }
                merged |= own | turned
            self._merged[key] = merged
        return self._merged[key]

    def _of_chain(self, id: str) -> Properties:
        if id not in self._chains:
            merged: Properties = {}
            for style in reversed(self._chain(id)):
                merged |= self._properties(style.find(W + "rPr"))
            self._chains[id] = merged
        return self._chains[id]

    def _chain(self, id: str) -> list[Element]:
        """Return a style and those it is based on; a chain that bites its tail ends there."""
        chain: dict[str, Element] = {}
        while id in self._styles and id not in chain:
            chain[id] = self._styles[id]
            id = value_of(chain[id], "basedOn") or ""
        return list(chain.values())

    def _properties(self, element: Element | None) -> Properties:
        found: Properties = {}
        for child in element if element is not None else ():
            tag = child.tag
            if tag == _FONT:
                self._font(child, found)
            elif tag == _SIZE:
                found["points"] = _points(child.get(W + "val", ""))
            elif tag == _COLOUR:
                found["colour"] = self._colour(child)
            elif tag in _SWITCHES:
                found[_SWITCHES[tag]] = is_on(child)
            elif tag == _RAISED:
                found["raised"] = child.get(W + "val", "")
            elif tag == _SHIFTED and abs(shift := _points(child.get(W + "val", ""))) >= _LEAST_SHIFT:
                found["raised"] = "superscript" if shift > 0 else "subscript"
            elif tag == _SHADING:
                found.setdefault("ground", shading(child))
            elif tag == _HIGHLIGHT:
                found["ground"] = _HIGHLIGHTS.get(child.get(W + "val", ""), "")
        return found

    def _font(self, element: Element, found: Properties) -> None:
        theme = element.get(W + "eastAsiaTheme")
        name = self._theme_fonts.get(theme or "") or element.get(W + "eastAsia")
        if name:
            found["font"] = font_name(name)
        if element.get(W + "asciiTheme"):
            found["symbols"] = ""
        elif symbols := element.get(W + "ascii") or element.get(W + "hAnsi"):
            found["symbols"] = symbols if is_symbol_font(symbols) else ""

    def _colour(self, element: Element) -> str:
        themed = self._theme_colours.get(_THEME_COLOURS.get(element.get(W + "themeColor", ""), ""))
        if themed:
            return _shaded(themed, element.get(W + "themeTint"), element.get(W + "themeShade"))
        plain = element.get(W + "val", "auto").upper().lstrip("#")
        return plain if len(plain) == 6 and all(sign in "0123456789ABCDEF" for sign in plain) else ""


def _below(style: Element, path: str) -> str:
    """Return ``w:val`` of something in the paragraph properties of a style."""
    found = style.find(f"{W}pPr/{W}{path}")
    return "" if found is None else found.get(W + "val", "")


def _points(value: str) -> float:
    """Return a size in points: half points, or a measure with its unit in the strict edition."""
    try:
        return float(value.removesuffix("pt")) if value.endswith("pt") else float(value) / 2
    except ValueError:
        return 0.0


def _fonts_of(theme: Element | None) -> dict[str, str]:
    """Return the East Asian fonts of a theme; where it leaves them open those it names for simplified Chinese."""
    found = {}
    for kind in ("major", "minor") if theme is not None else ():
        fonts = theme.find(f".//{A}{kind}Font") if theme is not None else None
        if fonts is None:
            continue
        ours = fonts.find(A + "ea")
        name = "" if ours is None else ours.get("typeface", "")
        if not name:
            name = next(
                (font.get("typeface", "") for font in fonts.iter(A + "font") if font.get("script") == "Hans"),
                "",
            )
        found[f"{kind}EastAsia"] = name
    return found


def _colours_of(theme: Element | None) -> dict[str, str]:
    scheme = None if theme is None else theme.find(f".//{A}clrScheme")
    found = {"lt1": "FFFFFF"}  # what a document without a theme takes for the background
    for colour in scheme if scheme is not None else ():
        for definition in colour:
            value = definition.get("lastClr") or definition.get("val") or ""
            if len(value) == 6:
                found[str(colour.tag).rpartition("}")[2]] = value.upper()
    return found


def _shaded(colour: str, tint: str | None, shade: str | None) -> str:
    """Lighten or darken a theme colour in HSL (ECMA-376 part 1, 17.3.2.6)."""
    try:
        lighter, darker = (int(part, 16) / 255 if part else 1.0 for part in (tint, shade))
        red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (0, 2, 4))
    except ValueError:
        return colour
    hue, light, saturation = colorsys.rgb_to_hls(red, green, blue)
    light = min(1.0, light * lighter + 1 - lighter) * darker
    return "".join(f"{round(part * 255):02X}" for part in colorsys.hls_to_rgb(hue, light, saturation))
