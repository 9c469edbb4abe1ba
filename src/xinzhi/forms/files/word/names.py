"""The names of WordprocessingML and its neighbours that the reader knows."""

from __future__ import annotations

from lxml import etree

Element = etree._Element

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
W14 = "{http://schemas.microsoft.com/office/word/2010/wordml}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
A = "{http://schemas.openxmlformats.org/drawingml/2006/main}"
WP = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}"
M = "{http://schemas.openxmlformats.org/officeDocument/2006/math}"
MC = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
VML = "{urn:schemas-microsoft-com:vml}"
OFFICE = "{urn:schemas-microsoft-com:office:office}"
CHART = "{http://schemas.openxmlformats.org/drawingml/2006/chart}"
CHART_2014 = "{http://schemas.microsoft.com/office/drawing/2014/chartex}"
DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
CONTROL = "{http://schemas.microsoft.com/office/2006/activeX}"

INSERTED = {W + "ins", W + "moveTo"}
DELETED = {W + "del", W + "moveFrom"}
FORM_PROPERTY, UNIT_PROPERTY = "xinzhi-form", "xinzhi-unit"
"""Of the properties in which a file that we wrote names its form and the code of its unit."""

FINDINGS_TAG = "xinzhi-findings"
"""Of the content control in which a checked file lists its findings."""

PROPERTIES = {
    W + name
    for name in ("pPr", "rPr", "tblPr", "tblGrid", "tblPrEx", "trPr", "tcPr", "sdtPr", "sdtEndPr", "sectPr", "customXmlPr")
}  # fmt: skip

_FALSE = {"0", "false", "off", "none"}


def value_of(parent: Element | None, name: str) -> str | None:
    """Return ``w:val`` of a child of `parent`; blank where it is not written, None where there is no such child."""
    child = None if parent is None else parent.find(W + name)
    return None if child is None else child.get(W + "val", "")


def is_on(element: Element, name: str = W + "val") -> bool:
    """Tell whether a switch is on; one without a value is."""
    return element.get(name, "1").lower() not in _FALSE


def switched(parent: Element | None, name: str) -> bool:
    """Tell whether `parent` has a child of this name that is on."""
    child = None if parent is None else parent.find(W + name)
    return child is not None and is_on(child)


def number_of(parent: Element | None, name: str, default: int) -> int:
    """Return a count from ``w:val`` of a child, never below 0; `default` where it is not written or no number."""
    value = value_of(parent, name) or ""
    return int(value) if value.isascii() and value.isdigit() else default


def chosen(alternatives: Element) -> Element | None:
    """Return the one branch of ``mc:AlternateContent`` that is read: the same content stands there twice."""
    branch = alternatives.find(MC + "Choice")
    return branch if branch is not None else alternatives.find(MC + "Fallback")
