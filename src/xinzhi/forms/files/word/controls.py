"""Content controls: what stands in them, placeholders left out, check boxes turned into the sign they mean."""

from __future__ import annotations

from lxml import etree

from xinzhi.forms.files.word.looks import Looks
from xinzhi.forms.files.word.names import FINDINGS_TAG, W14, Element, W, is_on, switched, value_of

_PLACEHOLDER = "placeholder text"
_TICKS = set("☑☒☒■√✓✔🗹🗷")
_FRAMES = set("☐□▢◻")
_SIGN = {True: "F0FE", False: "F0A8"}  # Wingdings


def content_of(control: Element, looks: Looks) -> tuple[Element | None, bool]:
    """Return the content of a control, and whether its check box contradicts itself.

    Both states are written into a box that does: a box and a tick are a question to a person wherever they stand.
    """
    content, properties = control.find(W + "sdtContent"), control.find(W + "sdtPr")
    if content is None or properties is None:
        return content, False
    if value_of(properties, "tag") == FINDINGS_TAG:
        return None, False  # what a checked file says of itself is no answer of the unit
    box = properties.find(W14 + "checkbox")
    if box is not None:
        return content, _settle(content, box)
    runs = list(content.iter(W + "r"))
    if switched(properties, "showingPlcHdr") and all(_is_placeholder(run, looks) for run in runs):
        for run in runs:
            run.clear()
    return content, False


def _is_placeholder(run: Element, looks: Looks) -> bool:
    style = value_of(run.find(W + "rPr"), "rStyle")
    return style is not None and looks.name(style).lower() == _PLACEHOLDER


def _settle(content: Element, box: Element) -> bool:
    """Write the state of a check box as a sign of its own; a text beside the sign is left as it stands."""
    shown = "".join(content.itertext(W + "t")).strip()
    if len(shown) > 1:
        return False
    ticked = _state(box)
    doubtful = shown != "" and _meaning(shown, box) == (not ticked)
    runs = list(content.iter(W + "r"))
    first = runs[0] if runs else _new_run(content)
    for run in runs:
        for child in list(run):
            if child.tag != W + "rPr":
                run.remove(child)
    for state in (False, True) if doubtful else (ticked,):
        etree.SubElement(first, W + "sym", {W + "font": "Wingdings", W + "char": _SIGN[state]})
    return doubtful


def _state(box: Element) -> bool:
    checked = box.find(W14 + "checked")
    return checked is not None and is_on(checked, W14 + "val")


def _meaning(shown: str, box: Element) -> bool | None:
    """Tell what the shown sign means: by the signs that the control declares, else by what it looks like."""
    declared = {}
    for name, state in (("checkedState", True), ("uncheckedState", False)):
        element = box.find(W14 + name)
        if element is not None:
            declared[element.get(W14 + "val", "").upper().lstrip("0")] = state
    code = f"{ord(shown):X}"
    if len(declared) == 2 and code in declared:
        return declared[code]
    return True if shown in _TICKS else False if shown in _FRAMES else None


def _new_run(content: Element) -> Element:
    paragraph = next(content.iter(W + "p"), content)
    return etree.SubElement(paragraph, W + "r")
