"""Pictures, shapes, embedded objects and form controls that hang on a run; the text in boxes is handed on."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename

from xinzhi.forms.document import Paragraph, Picture, Run
from xinzhi.forms.files.packages import Relation
from xinzhi.forms.files.word.names import (
    CHART,
    CHART_2014,
    CONTROL,
    DIAGRAM,
    MC,
    OFFICE,
    VML,
    WP,
    A,
    Element,
    R,
    W,
    chosen,
)
from xinzhi.forms.files.word.story import Content, Framed, Story
from xinzhi.forms.files.word.symbols import EMPTY, TICKED
from xinzhi.forms.refusals import UnreadableFile

_BLIP, _IMAGE, _BOX, _WORDS = A + "blip", VML + "imagedata", W + "txbxContent", VML + "textpath"
_CHARTS = {CHART + "chart", CHART_2014 + "chart", DIAGRAM + "relIds"}
_OBJECT, _CONTROL = OFFICE + "OLEObject", W + "control"
_WANTED = {_BLIP, _IMAGE, _BOX, _WORDS, _OBJECT, _CONTROL} | _CHARTS
_TWO_STATES = {"{8BD21D40-EC42-11CE-9E0D-00AA006002F3}", "{8BD21D50-EC42-11CE-9E0D-00AA006002F3}"}


def read_drawing(story: Story, drawing: Element, paragraph: Paragraph, content: Content) -> Run | None:
    """Read a drawing, a VML picture or an object.

    Parameters
    ----------
    story : Story
        The part being read.
    drawing : Element
        ``w:drawing``, ``w:pict`` or ``w:object``.
    paragraph : Paragraph
        The paragraph it hangs on.
    content : list
        What that paragraph stands among.

    Returns
    -------
    Run or None
        The text that stands in its place: the sign of a form control.
    """
    place = paragraph.place
    parts = list(_parts(drawing))
    kinds = {part.tag for part in parts}
    if _CONTROL in kinds:
        return _control(story, next(part for part in parts if part.tag == _CONTROL), paragraph)
    if _OBJECT in kinds:
        story.lose("embedded_object", place)
        story.document.drawings.append(place)
        return None
    for part in parts:
        if part.tag == _BOX:
            story.boxes.append((part, place))
        elif part.tag == _WORDS:
            words = Paragraph(
                [Run(part.get("string", ""))], place.model_copy(update={"part": place.part or "textbox"})
            )
            story.document.margins.append(words)
        elif part.tag in _CHARTS:
            story.lose("chart", place)
            story.document.drawings.append(place)
        elif picture := _picture(story, part, paragraph, _alternative(drawing)):
            story.document.pictures.append(picture)
            story.framed.append(Framed(picture, paragraph, content))
    if not parts and not any(shape.get(OFFICE + "hr") for shape in drawing.iter(VML + "rect")):
        story.document.drawings.append(place)
    return None


def _parts(element: Element) -> Iterator[Element]:
    for child in element:
        if child.tag in _WANTED:
            yield child
        elif child.tag == MC + "AlternateContent":
            branch = chosen(child)
            if branch is not None:
                yield from _parts(branch)
        else:
            yield from _parts(child)


def _alternative(drawing: Element) -> str:
    described = next(drawing.iter(WP + "docPr"), None)
    if described is not None:
        return described.get("descr") or described.get("title") or ""
    shape = next(drawing.iter(VML + "shape"), None)
    return "" if shape is None else shape.get("alt", "")


def _picture(story: Story, part: Element, paragraph: Paragraph, alternative: str) -> Picture | None:
    relation = _relation(story, part)
    if relation is None or paragraph.place.part in ("header", "footer"):
        return None
    data = None if relation.external else story.picture(relation.target)
    if data is None:
        story.lose("linked_picture" if relation.external else "missing_picture", paragraph.place)
        return None
    return Picture(basename(relation.target), data, paragraph.place, alternative=alternative)


def _relation(story: Story, part: Element) -> Relation | None:
    """Return what a picture refers to; one of a fill without a picture refers to nothing."""
    for name in (R + "embed", R + "link", R + "id", R + "href", R + "pict"):
        id = part.get(name)
        if id:
            return story.relations.get(id, Relation(id, "image", "", external=False))
    return None


def _control(story: Story, control: Element, paragraph: Paragraph) -> Run | None:
    """Read the state of a check box or option button where it is kept as text."""
    relation = story.relations.get(control.get(R + "id", ""))
    try:
        properties = None if relation is None or relation.external else story.package.xml(relation.target)
    except (KeyError, UnreadableFile):
        properties = None
    if properties is not None and properties.get(CONTROL + "classid", "").upper() in _TWO_STATES:
        for property in properties.iter(CONTROL + "ocxPr"):
            value = property.get(CONTROL + "value", "")
            if property.get(CONTROL + "name") == "Value" and value in ("0", "1"):
                return Run(TICKED if value == "1" else EMPTY, mark=value == "1")
    story.lose("control", paragraph.place)
    story.document.drawings.append(paragraph.place)
    return None
