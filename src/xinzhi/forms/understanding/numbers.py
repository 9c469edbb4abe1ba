"""What stands in a cell for a figure: a number, a mark for a missing one, or a question to a person.

Never a guess: a spelling either has a declared meaning, each under a rule of ``rulebook/numbers.toml``, or it is
a question.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from decimal import Context, Decimal
from fractions import Fraction
from typing import NamedTuple

from xinzhi.forms.model import Figure, Marks
from xinzhi.forms.reading import ValueStatus
from xinzhi.language import half_width
from xinzhi.measures import MeasureError, conversion_factor

_INTEGER_DIGITS = 15  # what a spreadsheet holds exactly; a longer figure is a slip of the keyboard
_DECIMAL_DIGITS = 12
_LONGEST = 60  # characters of a cell that are looked at and quoted
_REVERSING = "\u202e"  # from here on the signs are shown from right to left: 64.702 is seen as 207.46

_MINUS = str.maketrans(dict.fromkeys("−–‐‑﹣", "-"))  # a long dash before digits is a question
_PERCENT = str.maketrans("﹪", "%")
_SIGNED = re.compile(r"(?P<sign>-?)(?P<digits>[0-9.][0-9.,'’\u2007\u2009\u202f]*)\s*(?P<rest>\D*)", re.DOTALL)
_PLAIN = re.compile(r"(?:0|[1-9][0-9]*)?(?:\.[0-9]+)?")
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:([,'’\u2007\u2009\u202f])[0-9]{3})(?:\1[0-9]{3})*(?:\.[0-9]+)?")
_UNIT_AND_REMARK = re.compile(r"(?P<unit>[^()\[\]]*)(?:[(\[](?P<remark>[^()\[\]]*)[)\]])?", re.DOTALL)

_VINTAGES = frozenset(
    [
        "初步",
        "初步数",
        "初步数据",
        "初步核算",
        "初步核算数",
        "初步统计",
        "初步统计数",
        "快报",
        "快报数",
        "核实数",
        "最终核实",
        "最终核实数",
        "年报数",
        "年报数据",
        "公报数",
        "统计数",
        "统计局数",
        "已公布",
    ]
)
"""Remarks in brackets behind a figure that say how final it is and leave it as it is."""

_SCALES = frozenset("十百千万亿") | {"十万", "百万", "千万", "十亿", "百亿", "千亿", "万亿"}
_CHINESE = r"[〇零一二两三四五六七八九十百千万亿点壹贰叁肆伍陆柒捌玖拾佰仟]"
_AROUND = r"约|近|超|逾|余|多|左右|上下|以上|以下|不足|不到|大概|预计|估|[~～≈><＞＜≥≤]"

# What a text that is no figure looks like; the first that fits names the question.
_DOUBTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("error", re.compile(r"#[A-Za-z0-9/]+[!?]?")),
    (
        "date",
        re.compile(
            r"(?:[0-9]{4}\s*[-/.年]\s*[0-9]{1,2}(?:\s*[-/.月].*)?|[0-9]{1,2}\s*月.*日?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}"
            r"|[0-9]{1,2}:[0-9]{2}.*|[0-9]{4}\s*年.*)"
        ),
    ),
    ("scientific", re.compile(r"[+-]?[0-9.]+\s*(?:[eE]\s*[+-]?\s*[0-9]+|[×x*]\s*10.*)")),
    ("plus", re.compile(r"\+.*")),
    ("range", re.compile(r"-?[0-9][0-9.,]*\D{0,3}\s*(?:[-~～—至到]|——)\s*[0-9][0-9.,]*\D*")),
    ("approximate", re.compile(rf"(?:.*?)(?:{_AROUND}).*")),
    ("bracketed", re.compile(r"\([0-9.,]+\)|[▲△▼][0-9.,]+|[0-9.,]+-|[—-]\s*[0-9.,]+")),
    ("chinese", re.compile(rf"(?:百分之)?{_CHINESE}+\D{{0,4}}")),
    ("grouping", re.compile(r"[-+]?[0-9.,'’\u2007\u2009\u202f]+\D{0,6}")),
    ("several", re.compile(r"[^0-9]*[0-9]++(?:\.[0-9]++)?+[^0-9]+[0-9].*")),
    ("words", re.compile(r".*[0-9].*")),
    ("unclear", re.compile(r".*")),
)


# A number format, sign by sign: text that is shown, what changes what is seen, code; colours and padding left out.
_FORMAT = re.compile(
    r'"(?P<text>[^"]*)"|[\\!](?P<escaped>.)|\[\$(?P<currency>[^\]-]*)[^\]]*\]|(?P<odd>\[[<>=]|\*[^ ])'
    r"|\[[^\]]*\]|_.|\* |(?P<general>General|G/通用格式|通用格式)|(?P<bare>[^\x00-\x7f]|\$)|(?P<code>.)",
    re.IGNORECASE | re.DOTALL,
)
_PLAIN_CODE = re.compile(
    r'(?P<before>[-("\s]*)(?:[0#?](?:[0#?,]*[0#?])?(?:\.[0#?]*)?|\.[0#?]+|@)(?:E[+-][0#?]+)?\s*%?'
    r'(?P<after>[-)"\s]*)',
    re.IGNORECASE,
)
_SIGNS = re.compile(r"[-+()—△▲▽▼]+")


class Understood(NamedTuple):
    """What a cell says: status, figure in the unit of the form, rule that says how, facts for its sentences."""

    status: ValueStatus
    number: Decimal | None = None
    rule: str = ""
    facts: Mapping[str, str] = {}


def read_figure(
    text: str,
    figure: Figure,
    marks: Marks,
    *,
    number: Decimal | None = None,
    number_format: str = "",
    formula: bool = False,
    stated: str = "",
) -> Understood:
    """Understand the cell of a figure.

    Parameters
    ----------
    text : str
        What the cell shows.
    figure : Figure
        What is asked for: its unit and the counters that may stand for it.
    marks : Marks
        Marks of the form that stand in the place of a figure.
    number, number_format : Decimal and str, optional
        What a sheet stores and how it shows it. A stored figure counts, to the 15 digits that a sheet shows.
    formula : bool
        Whether the sheet computes it.
    stated : str
        Unit that the file's own label gives where it differs from the form's; a bare number is in that unit.

    Returns
    -------
    Understood
        `rule` is blank where the text is a plain decimal, and where nothing stands there. Trailing zeros are kept.
    """
    cell = _Cell(text, figure, stated)
    if number is not None:
        if formula and not number:  # programs that do not compute store 0, and so does a reference to a blank
            return cell.asked("zero_result")
        understood = cell.stored(number, number_format)
        if formula and understood.status == "number" and not understood.rule:
            return cell.told("formula", number)
        return understood
    if formula and (not cell.spelled or cell.spelled.startswith("=")):
        return cell.asked("no_value")
    if not cell.spelled:
        return Understood("missing")
    if _REVERSING in text:
        return cell.asked("reversed")
    return cell.marked(marks) or cell.written()


class _Cell:
    """A cell with what is asked for there."""

    def __init__(self, text: str, figure: Figure, stated: str) -> None:
        self.raw = shortened(text)
        self.figure = figure
        self.stated = stated
        self.visible = "".join(c for c in text if unicodedata.category(c) != "Cf").strip()
        self.spelled = half_width(self.visible).translate(_MINUS).translate(_PERCENT)

    # --- outcomes

    def told(self, rule: str, number: Decimal, said: str = "") -> Understood:
        """A figure, and how it was understood."""
        return Understood("number", number, f"numbers.{rule}" if rule else "", self._facts(said, number))

    def asked(self, rule: str, said: str = "") -> Understood:
        """A question to a person."""
        return Understood("question", None, f"numbers.{rule}", self._facts(said))

    def _facts(self, said: str, number: Decimal | None = None) -> dict[str, str]:
        shown = "" if number is None else format(number, "f")
        return {"raw": self.raw or shown, "number": shown, "unit": self.figure.unit, "said": shortened(said)}

    # --- ways of reading

    def marked(self, marks: Marks) -> Understood | None:
        """A mark of the form: alone, repeated, in brackets or with a full stop; None where there is none."""
        mark = "".join(half_width(self.visible).casefold().split()).strip("()[]。.")
        mark = mark or "".join(self.visible.split())
        once = mark[:1] if len(set(mark)) == 1 else mark
        if {mark, once, once.translate(_MINUS)} & _marks(marks.missing):
            return Understood("missing", None, "numbers.marked_missing", self._facts(""))
        if {mark, once} & _marks(marks.question):
            return self.asked("mark")
        return None

    def written(self) -> Understood:
        """A text."""
        match = _SIGNED.fullmatch(self.spelled) if len(self.spelled) <= _LONGEST else None
        if match is None:
            return self._doubt()
        grouped = _GROUPED.fullmatch(match["digits"])
        if not grouped and not _PLAIN.fullmatch(match["digits"]):
            return self._doubt()
        digits = re.sub(r"[^0-9.]", "", match["digits"])
        whole, _point, fraction = digits.partition(".")
        if len(whole) > _INTEGER_DIGITS or len(fraction) > _DECIMAL_DIGITS:
            return self.asked("too_long")
        number = Decimal(match["sign"] + digits)
        way = (
            "grouped"
            if grouped
            else "point_first"
            if not whole
            else "wide"
            if self.spelled not in (self.visible, self.visible.translate(_MINUS))
            else "minus"
            if self.spelled != self.visible
            else ""
        )
        return self._with_rest(number, match["rest"].strip(), way)

    def stored(self, number: Decimal, number_format: str) -> Understood:
        """A figure that a sheet stores, as far as its format shows the same."""
        if not number.is_finite() or number.adjusted() >= _INTEGER_DIGITS:
            return self.asked("too_long")
        kept = Context(prec=_INTEGER_DIGITS).create_decimal(number)
        if kept != number:  # 35.630000000000003 is how a sheet keeps 35.63
            number = Decimal(format(kept.normalize(), "f"))
        shown = _section(number_format or "0", number)
        if re.search(r"[ymdhs]|a{3}", shown.code, re.IGNORECASE):
            return self.asked("date")
        if not shown.is_plain or (not number and not re.search(r'[0@"]', shown.code)):  # # shows no zero
            return self.asked("scaled", number_format)
        if "%" in shown.code:
            if self.figure.unit != "%":
                return self.asked("percent_elsewhere", "%")
            return self.told("percent_format", _exact(Fraction(number) * 100) or number)
        return self._with_rest(Decimal(format(number, "f")), shown.literal, "")

    def _with_rest(self, number: Decimal, rest: str, way: str) -> Understood:
        """The number with what stands behind it: a unit, a remark in brackets, nothing."""
        parts = _UNIT_AND_REMARK.fullmatch(rest)
        if parts is None:
            return self._doubt()
        unit, remark = parts["unit"].strip(), (parts["remark"] or "").strip()
        if remark and remark not in _VINTAGES:
            bracketed = self._in_unit(number, remark, "") if not unit else None
            known = bracketed is not None and bracketed.rule != "numbers.unit_other"
            return bracketed if bracketed and known else self.asked("remark", remark)
        understood = self._in_unit(number, unit or self.stated, way if not unit else "")
        if remark and understood.status == "number":
            return self.told("vintage", understood.number or number, remark)
        return understood

    def _in_unit(self, number: Decimal, unit: str, way: str) -> Understood:
        """The number in the unit of the form; `way` is how it was spelled, which a unit outranks."""
        wanted = self.figure.unit
        if not unit:
            return self.told(way, number)
        if unit in self.figure.unit_aliases:
            return self.told(way if unit == self.stated else "unit_alias", number, unit)
        if unit in _SCALES:
            return self.asked("scale_word", unit)
        if unit == "%" != wanted:
            return self.asked("percent_elsewhere", unit)
        if re.search(_AROUND, unit):
            return self.asked("approximate")
        try:
            factor = Fraction(1, 10) if (unit, wanted) == ("‰", "%") else conversion_factor(unit, wanted)
        except MeasureError:
            return self.asked("unit_other", unit)
        if factor == 1:
            rule = way if unit == self.stated else "percent" if unit == "%" else "unit_repeated"
            return self.told(rule, number, unit)
        converted = _exact(Fraction(number) * factor)
        return self.asked("inexact", unit) if converted is None else self.told("converted", converted, unit)

    def _doubt(self) -> Understood:
        flat = " ".join(self.spelled[: 2 * _LONGEST].split())
        return self.asked(next(rule for rule, pattern in _DOUBTS if pattern.fullmatch(flat)))


def shortened(text: str) -> str:
    """Return a text on one line and no longer than a message can quote."""
    line = " ".join(text[: 4 * _LONGEST].split())
    return line if len(line) <= _LONGEST else line[:_LONGEST] + "…"


def _marks(marks: tuple[str, ...]) -> set[str]:
    return {half_width(mark).casefold() for mark in marks}


def _exact(value: Fraction) -> Decimal | None:
    """Return a fraction as a decimal with no digit lost; None where it has none."""
    for places in range(_DECIMAL_DIGITS + 10):
        scaled = value * 10**places
        if scaled.denominator == 1:
            digits = tuple(int(digit) for digit in str(abs(scaled.numerator)))
            return Decimal((int(value < 0), digits, -places))
    return None


class _Section(NamedTuple):
    """The section of a number format that applies to a figure.

    `code` has ``"`` where the text stands that is shown beside the figure; `literal` is that text. Of a section for
    negative figures alone the code has to show the minus.
    """

    code: str
    literal: str
    of_negatives: bool

    @property
    def is_plain(self) -> bool:
        """Whether it shows the stored figure as it is, at most as a percentage or, where negative, in brackets."""
        plain = _PLAIN_CODE.fullmatch(self.code)
        if plain is None or ("%" in self.code and self.literal):
            return False
        if '"' in plain["before"] and '"' in plain["after"]:
            return False
        sign = re.sub(r'["\s]', "", plain["before"] + plain["after"])
        return sign in ("-", "()") if self.of_negatives else not sign


def _section(number_format: str, number: Decimal) -> _Section:
    """Find the section of a number format that applies, its text told from its code.

    Signs stay in the code, quoted or not: they are part of the figure that is seen. So does what no plain format
    has: conditions, digits of its own, a sign that fills the cell.
    """
    sections: list[list[re.Match[str]]] = [[]]
    for token in _FORMAT.finditer(number_format):
        if token["code"] == ";":
            sections.append([])
        else:
            sections[-1].append(token)
    wanted = 0 if number > 0 else 1 if number < 0 else 2
    at = wanted if wanted < len(sections) else 0
    code, literal = "", ""
    for token in sections[at]:
        text = token["text"] or token["escaped"] or token["currency"] or token["bare"] or ""
        spelled = half_width(text).translate(_MINUS)
        if not spelled or _SIGNS.fullmatch(spelled):
            code += spelled or text
        else:
            code, literal = code + '"', literal + spelled
        code += "0" if token["general"] else token["code"] or token["odd"] or ""
    return _Section(code, literal, of_negatives=at == 1)
