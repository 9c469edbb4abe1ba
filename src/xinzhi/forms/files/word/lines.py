"""The content of a paragraph as runs of one look: text, signs, fields, tracked insertions, formulas."""

from __future__ import annotations

from dataclasses import dataclass

from xinzhi.forms.document import Paragraph, Run
from xinzhi.forms.files.word.controls import content_of
from xinzhi.forms.files.word.drawings import read_drawing
from xinzhi.forms.files.word.fields import Field
from xinzhi.forms.files.word.looks import Look
from xinzhi.forms.files.word.names import DELETED, INSERTED, MC, PROPERTIES, Element, M, W, chosen
from xinzhi.forms.files.word.story import Content, Story
from xinzhi.forms.files.word.symbols import UNKNOWN, Sign, needs_signs, sign_of, signs_of
from xinzhi.forms.spelling import RAISED

_SIGNS = {
    W + "tab": "\t",
    W + "ptab": "\t",
    W + "br": "\n",
    W + "cr": "\n",
    W + "noBreakHyphen": "-",
}
_RUN, _TEXT, _SYMBOL, _RUBY = W + "r", W + "t", W + "sym", W + "ruby"
_FIELD, _INSTRUCTION, _SIMPLE_FIELD = W + "fldChar", W + "instrText", W + "fldSimple"
_CONTENT_CONTROL, _ALTERNATIVES = W + "sdt", MC + "AlternateContent"
_DRAWINGS = {W + "drawing", W + "pict", W + "object"}
_FORMULAS = {M + "oMath", M + "oMathPara"}
_UNREAD = {W + "altChunk": "inserted_document", W + "subDoc": "inserted_document", W + "contentPart": "chart"}


@dataclass(slots=True)
class Line:
    """A paragraph being read, with what its runs inherit."""

    paragraph: Paragraph
    content: Content
    table_style: str
    style: str
    hidden: bool = False
    inserted: bool = False
    ground: str = ""
    struck: bool = False


def read_line(story: Story, parent: Element, line: Line) -> None:
    """Read what stands in a paragraph, or in something inside it that holds runs, into its runs."""
    for child in parent:
        tag = child.tag
        if tag == _RUN:
            own = child.find(W + "rPr")
            _read_run(story, child, line, story.looks.look(line.table_style, line.style, own))
        elif tag in PROPERTIES:
            continue
        elif tag in DELETED:
            story.document.tracked = True
        elif tag in INSERTED:
            _read_inserted(story, child, line)
        elif tag == _CONTENT_CONTROL:
            content, doubtful = content_of(child, story.looks)
            if doubtful:
                story.lose("doubtful_box", line.paragraph.place)
            if content is not None:
                read_line(story, content, line)
        elif tag == _SIMPLE_FIELD:
            _read_simple_field(story, child, line)
        elif tag in _FORMULAS:
            look = story.looks.look(line.table_style, line.style, None)
            _say(story, line, Sign(_formula(child)), look)
        elif tag == _ALTERNATIVES:
            branch = chosen(child)
            if branch is not None:
                read_line(story, branch, line)
        elif tag in _UNREAD:
            story.lose(_UNREAD[tag], line.paragraph.place)
        elif len(child):  # hyperlinks, smart tags, custom XML, directions, and wrappers that we do not know
            read_line(story, child, line)


def _read_inserted(story: Story, parent: Element, line: Line) -> None:
    story.document.tracked = True
    before, line.inserted = line.inserted, True
    read_line(story, parent, line)
    line.inserted = before


def _read_run(story: Story, run: Element, line: Line, look: Look) -> None:
    for child in run:
        tag = child.tag
        if tag == _TEXT:
            _say_text(story, line, child.text or "", look)
        elif tag in _SIGNS:
            _say(story, line, Sign(_SIGNS[tag]), look)
        elif tag == _SYMBOL:
            _say_symbol(story, line, child, look)
        elif tag == _FIELD:
            if not story.fields_broken:
                _read_field(story, child, line, look)
        elif tag == _INSTRUCTION:
            if story.fields and not story.fields[-1].in_result:
                story.fields[-1].instruction.append(child.text or "")
        elif tag in _DRAWINGS:
            sign = read_drawing(story, child, line.paragraph, line.content)
            if sign is not None:
                _say(story, line, Sign(sign.text, sign.mark), look)
        elif tag == _ALTERNATIVES:
            branch = chosen(child)
            if branch is not None:
                _read_run(story, branch, line, look)
        elif tag == _RUBY:
            base = child.find(W + "rubyBase")
            if base is not None:
                read_line(story, base, line)
        elif tag in _UNREAD:
            story.lose(_UNREAD[tag], line.paragraph.place)


# --- text -----------------------------------------------------------------------------------------------------


def _say_text(story: Story, line: Line, text: str, look: Look) -> None:
    if needs_signs(text, look.symbols):
        for sign in signs_of(text, look.symbols):
            _say_known(story, line, sign, look)
    else:
        _say(story, line, Sign(text.translate(RAISED[look.raised]) if look.raised in RAISED else text), look)


def _say_symbol(story: Story, line: Line, symbol: Element, look: Look) -> None:
    try:
        code = int(symbol.get(W + "char", ""), 16)
    except ValueError:
        code = 0
    _say_known(story, line, sign_of(symbol.get(W + "font", ""), code), look)


def _say_known(story: Story, line: Line, sign: Sign, look: Look, rule: str = "symbol") -> None:
    if sign.text == UNKNOWN:
        story.lose(rule, line.paragraph.place)
    _say(story, line, sign, look)


def _say(story: Story, line: Line, sign: Sign, look: Look) -> None:
    """Add text to the paragraph; inside the instruction of a field it belongs to that."""
    for field in reversed(story.fields):
        if field.settled:
            return
        if not field.in_result:
            field.instruction.append(sign.text)
            return
    if not sign.text:
        return
    if look.struck and not line.struck and not look.hidden and sign.text.strip():
        line.struck = True
        story.lose("struck_out", line.paragraph.place)
    hidden = line.hidden or look.hidden or look.struck
    ground = look.ground or line.ground
    run = Run(sign.text, look.font, look.points, look.colour, hidden, line.inserted, sign.mark, ground)
    runs = line.paragraph.runs
    if runs and _alike(runs[-1], run):
        runs[-1].text += run.text
    else:
        runs.append(run)


def _alike(one: Run, other: Run) -> bool:
    return (
        one.mark is None
        and other.mark is None
        and one.font == other.font
        and one.points == other.points
        and one.colour == other.colour
        and one.ground == other.ground
        and one.hidden == other.hidden
        and one.inserted == other.inserted
    )


# --- fields ---------------------------------------------------------------------------------------------------


def _read_field(story: Story, mark: Element, line: Line, look: Look) -> None:
    kind = mark.get(W + "fldCharType")
    if kind == "begin":
        story.fields.append(Field(mark.find(W + "ffData")))
    elif story.fields and kind == "separate":
        _settle(story, story.fields[-1], line, look)
        story.fields[-1].in_result = True
    elif story.fields and kind == "end":
        field = story.fields[-1]
        if not field.in_result:
            _settle(story, field, line, look)
        story.fields.pop()


def _read_simple_field(story: Story, element: Element, line: Line) -> None:
    field = Field(instruction=[element.get(W + "instr", "")])
    story.fields.append(field)
    _settle(story, field, line, story.looks.look(line.table_style, line.style, None))
    field.in_result = True
    read_line(story, element, line)
    story.fields.pop()


def _settle(story: Story, field: Field, line: Line, look: Look) -> None:
    """Say what the instruction alone shows, once it is complete; the result then says nothing more."""
    if field.leads_out:
        story.lose("external", line.paragraph.place)
    sign = field.shown()
    if sign is not None:
        own = story.fields.pop()
        _say_known(story, line, sign, look, "control" if field.name == "FORMCHECKBOX" else "formula")
        story.fields.append(own)
        field.settled = True


# --- formulas -------------------------------------------------------------------------------------------------


def _formula(element: Element) -> str:
    """Write a formula in a line, so that numerator and denominator or a power do not run into one number."""
    name = str(element.tag).rpartition("}")[2]
    if element.tag == M + "t":
        return element.text or ""
    if element.tag in DELETED or name.endswith("Pr"):
        return ""
    parts = [_formula(child) for child in element]
    match name:
        case "f" | "sSup" | "sSub":
            sign = {"f": "/", "sSup": "^", "sSub": "_"}[name]
            return sign.join(part for part in parts if part)
        case "rad":
            return "√(" + "".join(parts) + ")"
        case "d":
            return "(" + "".join(parts) + ")"
    return "".join(parts)
