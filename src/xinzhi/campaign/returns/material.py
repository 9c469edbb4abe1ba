"""Files that come with a return: looked at in the limited child before anything is kept of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.returns.models import CASE, Return
from xinzhi.campaign.returns.opening import workshop
from xinzhi.declarations import Text
from xinzhi.forms import Finding, message, remedy, rules
from xinzhi.forms.reading import PictureFacts
from xinzhi.language import gettext as _

_PICTURES = frozenset({"jpeg", "png", "gif", "bmp", "tiff", "webp"})
_DOCUMENTS = frozenset({"pdf", "ofd", "docx", "xlsx", "pptx", "doc", "wps", "xls", "et", "ppt"})


@dataclass(frozen=True)
class Sort:
    """A sort of files: as people call it, how large one may be, what kinds it takes, on which form."""

    title: Text
    most_bytes: int
    kinds: frozenset[str]
    endings: str
    forms: frozenset[str] = field(default_factory=frozenset)


SORTS: Mapping[str, Sort] = {
    "picture": Sort(
        Text(zh="配图", en="Pictures"), 20_000_000, _PICTURES, ".jpg,.jpeg,.png,.tif,.tiff,.bmp,.webp",
        frozenset({CASE}),
    ),
    "evidence": Sort(
        Text(zh="佐证材料", en="Evidence"), 64_000_000, _PICTURES | _DOCUMENTS,
        ".pdf,.ofd,.doc,.docx,.wps,.xls,.xlsx,.et,.ppt,.pptx,.jpg,.jpeg,.png",
    ),
    "scan": Sort(
        Text(zh="盖章扫描件", en="Sealed scan"), 64_000_000, _PICTURES | {"pdf", "ofd"}, ".pdf,.ofd,.jpg,.jpeg,.png"
    ),
}  # fmt: skip
"""In the order in which the page asks for them; a picture belongs to a case alone."""


@dataclass(frozen=True)
class Looked:
    """What the child found a file to be."""

    kind: str
    facts: Mapping[str, object]


def sort_of(filed: Return, sort: str) -> Sort:
    """Return a sort of files that a return takes.

    Raises
    ------
    Refused
        If it takes none of that name.
    """
    found = SORTS.get(sort)
    if found is None or (found.forms and filed.sort not in found.forms):
        raise Refused(_("这份填报不接收这类附件"), where=sort[:40])
    return found


def require_size(filed: Return, sort: str, name: str, size: int) -> None:
    """Refuse what is empty or too large before a byte of it is taken.

    Raises
    ------
    Refused
        Saying how large it may be.
    """
    most = sort_of(filed, sort).most_bytes
    if not 0 < size <= most:
        raise Refused(
            _("文件有 {size} MB; 应当大于 0, 不超过 {most} MB").format(
                size=f"{size / 1e6:.1f}", most=most // 1_000_000
            ),
            where=name,
            remedy=_("请压缩文件, 或分成几个文件上传"),
        )


def look_at(filed: Return, sort: str, name: str, data: bytes) -> Looked:
    """Look at a file in the limited child.

    Raises
    ------
    Refused
        If it is of a kind that is not taken, made to harm, or a picture that does not decode.
    """
    require_size(filed, sort, name, len(data))
    reading = workshop().read(data, name)[0]
    for finding in reading.findings:
        if rules()[finding.rule].hostile or finding.rule.startswith("workshop."):
            raise _refused(finding, name)
    if reading.format not in SORTS[sort].kinds:
        raise Refused(
            _("{sort}不接收这种文件 ({kind})").format(sort=SORTS[sort].title, kind=reading.format or "?"),
            where=name,
            remedy=_("请另存为 {endings} 之一").format(endings=SORTS[sort].endings.replace(",", " ")),
        )
    if sort != "picture":
        return Looked(reading.format, {})
    facts = reading.pictures[0]
    if facts.fault:
        raise _refused(Finding(rule=facts.fault, facts={"name": name}), name)
    return Looked(reading.format, _kept(facts))


def _kept(facts: PictureFacts) -> dict[str, object]:
    return facts.model_dump(mode="json", exclude={"name", "caption", "place"})


def _refused(finding: Finding, name: str) -> Refused:
    return Refused(message(finding), where=name, remedy=remedy(finding))
