"""Formulas in symbols, as a tree that Typst, Word, pages and a reader's voice are each told of in their own way."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True)
class Sign:
    """A letter, a figure, an operator, or the name of a function (min, max, ln); `below` is its index."""

    text: str
    below: str = ""


@dataclass(frozen=True, slots=True)
class Fraction:
    """One thing over another."""

    above: Notation
    below: Notation


@dataclass(frozen=True, slots=True)
class Over:
    """A sum or a product over an index."""

    sign: str  # ∑ or ∏
    index: str
    body: Notation


@dataclass(frozen=True, slots=True)
class Raised:
    """Something to the power of something."""

    base: Notation
    power: Notation


@dataclass(frozen=True, slots=True)
class Line:
    """Things one after the other."""

    parts: tuple[Notation, ...]


Notation = Sign | Fraction | Over | Raised | Line


def line(*parts: Notation | str) -> Line:
    """Return things one after the other; a text is a sign, what follows an underscore its index."""
    return Line(tuple(sign(part) if isinstance(part, str) else part for part in parts))


def sign(text: str) -> Sign:
    """Return the sign of a text such as ``x`` or ``x_ij``."""
    name, _underscore, below = text.partition("_")
    return Sign(name, below)


# --- Typst -------------------------------------------------------------------------------------------------

_NAMES = frozenset(("min", "max", "ln"))
_SIGNS = {"∑": "sum", "∏": "product"}


def typst_math(notation: Notation) -> str:
    """Return a formula in Typst's language of formulas."""
    match notation:
        case Sign(text, below):
            name = (
                text
                if text in _NAMES
                else f'"{text}"'
                if len(text) > 1
                else f"\\{text}"
                if text in "()"
                else text
            )
            return f"{name}_({' '.join(below)})" if below else name
        case Fraction(above, below):
            return f"frac({typst_math(above)}, {typst_math(below)})"
        case Over(mark, index, body):
            return f"{_SIGNS[mark]}_({index}) {typst_math(body)}"
        case Raised(base, power):
            return f"attach({typst_math(base)}, t: {typst_math(power)})"
        case Line(parts):
            return " ".join(map(typst_math, parts))


# --- Word --------------------------------------------------------------------------------------------------


def word_math(notation: Notation) -> str:
    """Return a formula as Office Math."""
    match notation:
        case Sign(text, below):
            return _attached("sSub", word_math(Sign(text)), "sub", _run(below)) if below else _run(text)
        case Fraction(above, below):
            return f"<m:f><m:num>{word_math(above)}</m:num><m:den>{word_math(below)}</m:den></m:f>"
        case Over(mark, index, body):
            look = f'<m:naryPr><m:chr m:val="{mark}"/><m:limLoc m:val="undOvr"/><m:supHide m:val="1"/></m:naryPr>'
            return f"<m:nary>{look}<m:sub>{_run(index)}</m:sub><m:sup/><m:e>{word_math(body)}</m:e></m:nary>"
        case Raised(base, power):
            return _attached("sSup", word_math(base), "sup", word_math(power))
        case Line(parts):
            return "".join(map(word_math, parts))


def _attached(kind: str, base: str, place: str, attached: str) -> str:
    return f"<m:{kind}><m:e>{base}</m:e><m:{place}>{attached}</m:{place}></m:{kind}>"


def _run(text: str) -> str:
    font = '<w:rPr><w:rFonts w:ascii="Cambria Math" w:hAnsi="Cambria Math"/></w:rPr>'
    upright = '<m:rPr><m:sty m:val="p"/></m:rPr>' if len(text) > 1 and text in _NAMES else ""
    return f'<m:r>{upright}{font}<m:t xml:space="preserve">{escape(text)}</m:t></m:r>'


# --- pages -------------------------------------------------------------------------------------------------


def mathml(notation: Notation) -> str:
    """Return a formula as MathML Core."""
    match notation:
        case Sign(text, below):
            kind = "mn" if text.isdigit() else "mi" if text.isalpha() else "mo"
            name = f"<{kind}>{escape(text)}</{kind}>"
            return f"<msub>{name}<mi>{escape(below)}</mi></msub>" if below else name
        case Fraction(above, below):
            return f"<mfrac><mrow>{mathml(above)}</mrow><mrow>{mathml(below)}</mrow></mfrac>"
        case Over(mark, index, body):
            return f"<munder><mo>{mark}</mo><mi>{escape(index)}</mi></munder>{mathml(body)}"
        case Raised(base, power):
            return f"<msup><mrow>{mathml(base)}</mrow><mrow>{mathml(power)}</mrow></msup>"
        case Line(parts):
            return "".join(map(mathml, parts))


# --- speech ------------------------------------------------------------------------------------------------


def spoken(notation: Notation) -> str:
    """Return a formula on one line, for those who hear it."""
    match notation:
        case Sign(text, below):
            return f"{text}_{below}" if below else text
        case Fraction(above, below):
            return f"({spoken(above)}) / ({spoken(below)})"
        case Over(mark, index, body):
            return f"{mark}_{index} {spoken(body)}"
        case Raised(base, power):
            return f"{spoken(base)}^({spoken(power)})"
        case Line(parts):
            return " ".join(map(spoken, parts))


# --- the formulas of the methods ---------------------------------------------------------------------------

_X, _LOW, _HIGH = line("x_i"), line("min", "x"), line("max", "x")


def _share(above: Notation, below: Notation) -> Line:
    return line("z_i", "=", Fraction(above, below), "×", "S")


def _difference(a: Line, b: Line) -> Line:
    return line(*a.parts, "−", *b.parts)


def _normalised(up: Notation, down: Notation) -> dict[bool, Notation]:
    return {True: up, False: down}


_WIDTH = _difference(_HIGH, _LOW)
_LOGS = tuple(line("ln", *part.parts) for part in (_X, _LOW, _HIGH))

#: By method: the formula of an indicator of which more is better (True), and of one of which less is (False).
NORMALISATION: Mapping[str, Mapping[bool, Notation]] = {
    "minmax": _normalised(_share(_difference(_X, _LOW), _WIDTH), _share(_difference(_HIGH, _X), _WIDTH)),
    "goalposts": _normalised(
        _share(line("x_i", "−", "a"), line("b", "−", "a")), _share(line("b", "−", "x_i"), line("b", "−", "a"))
    ),
    "base": _normalised(_share(line("x_t"), line("x_0")), _share(line("x_0"), line("x_t"))),
    "zscore": _normalised(
        line("z_i", "=", "m", "+", "s", "×", Fraction(line("x_i", "−", "μ"), line("σ"))),
        line("z_i", "=", "m", "−", "s", "×", Fraction(line("x_i", "−", "μ"), line("σ"))),
    ),
    "rank": dict.fromkeys((True, False), _share(line("n", "−", "r_i"), line("n", "−", "1"))),
    "percentile": dict.fromkeys((True, False), _share(line("n", "−", "r_i", "+", "1"), line("n"))),
    "reference": _normalised(_share(_X, line("x_0")), _share(line("x_0"), _X)),
    "ampi": _normalised(
        line("z_i", "=", "100", "+", Fraction(line("x_i", "−", "μ"), _WIDTH), "×", "60"),
        line("z_i", "=", "100", "−", Fraction(line("x_i", "−", "μ"), _WIDTH), "×", "60"),
    ),
    "none": _normalised(line("z_i", "=", "x_i"), line("z_i", "=", "−", "x_i")),
}

#: By method: how the scores of the parts become that of the whole.
AGGREGATION: Mapping[str, Notation] = {
    "arithmetic": line("Z", "=", Over("∑", "k", line("w_k", "z_k"))),
    "geometric": line("Z", "=", Over("∏", "k", Raised(sign("z_k"), sign("w_k")))),
    "harmonic": line("Z", "=", Fraction(line("1"), Over("∑", "k", Fraction(sign("w_k"), sign("z_k"))))),
    "power": line(
        "Z",
        "=",
        Raised(
            line("(", Over("∑", "k", line("w_k", Raised(sign("z_k"), sign("p")))), ")"),
            Fraction(sign("1"), sign("p")),
        ),
    ),
    "topsis": line("Z", "=", Fraction(line("d_0"), line("d_0", "+", "d_1")), "×", "S"),
    "mpi": line("Z", "=", "M", "±", Fraction(Raised(sign("σ"), sign("2")), sign("M"))),
}

_ENTROPY = line(
    "e_k",
    "=",
    "−",
    Fraction(line("1"), line("ln", "n")),
    Over("∑", "i", line("p_ik", "ln", "p_ik")),
)


def _portion(part: Callable[[str], Line]) -> Line:
    return line("w_k", "=", Fraction(part("k"), Over("∑", "j", part("j"))))


#: By method: how weights come from the figures, one formula a line.
WEIGHTING: Mapping[str, tuple[Notation, ...]] = {
    "equal": (line("w_k", "=", Fraction(line("1"), line("m"))),),
    "entropy": (_ENTROPY, _portion(lambda k: line("(", "1", "−", f"e_{k}", ")"))),
    "critic": (
        line("c_k", "=", "σ_k", Over("∑", "j", line("(", "1", "−", "r_jk", ")"))),
        _portion(lambda k: line(f"c_{k}")),
    ),
    "variation": (line("v_k", "=", Fraction(line("σ_k"), line("μ_k"))), _portion(lambda k: line(f"v_{k}"))),
}
