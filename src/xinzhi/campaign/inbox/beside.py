"""What was mailed beside what stands online, cell by cell."""

from __future__ import annotations

from dataclasses import dataclass

from xinzhi.campaign.checking.showing import cell_title, said
from xinzhi.campaign.inbox.models import ArrivedFile
from xinzhi.campaign.inbox.queries import record_of
from xinzhi.campaign.returns.drafts import texts_of
from xinzhi.campaign.returns.keys import field_of, is_private, key_of, keys_of
from xinzhi.campaign.returns.models import Return
from xinzhi.forms import Reading, Value, load_form
from xinzhi.forms.model import IndicatorForm
from xinzhi.forms.understanding.numbers import read_figure


@dataclass(frozen=True)
class Pair:
    """A cell as it was mailed and as it stands online; `revision` is that of the online one."""

    key: str
    title: str
    mailed: str
    online: str
    revision: int
    private: bool


def reading_in(item: ArrivedFile) -> Reading:
    """Return what was read in a file of a delivery."""
    made = record_of(item.arrival)
    assert made is not None  # files are kept when the record is
    found = next(each for each in made.items if each.path[-300:] == item.path)
    return found.readings[item.reading]


def mailed_texts(item: ArrivedFile) -> dict[str, str]:
    """Return the texts of a mailed form by key, as somebody would have typed them."""
    form, reading = load_form(item.form), reading_in(item)
    values = {key_of(value.field, value.year): value for value in reading.values}
    texts = {key: _typed(values[key]) for key in keys_of(form) if key in values}
    if "evidence" in texts:
        texts["evidence"] = "\n".join(reading.evidence)
    return texts


def pairs(item: ArrivedFile, filed: Return) -> list[Pair]:
    """Return the cells in which a mailed form differs from the online copy; what the mail leaves blank is no difference."""
    form, online = filed.declared, texts_of(filed)
    found = []
    for key, mailed in mailed_texts(item).items():
        state = online.get(key)
        stands = state.text if state else ""
        if not mailed or _same(form, key, mailed, stands):
            continue
        field = field_of(key)[0]
        found.append(
            Pair(
                key,
                cell_title(form, key),
                said(form, field, mailed),
                said(form, field, stands),
                state.revision if state else 0,
                is_private(form, key),
            )
        )
    return found


def _typed(value: Value) -> str:
    """Return a value as text; one that took understanding stays as it was written, so that it is judged alike."""
    if value.status == "number" and not value.understood and value.number is not None:
        return f"{value.number:f}"
    return value.text if value.status in ("text", "choice") else value.raw.strip()


def _same(form: object, key: str, one: str, other: str) -> bool:
    if isinstance(form, IndicatorForm):
        field, _year = field_of(key)
        figure = form.figure(field)
        first, second = (read_figure(text, figure, form.marks) for text in (one, other))
        if first.status == second.status == "number":
            return first.number == second.number
    return one.strip() == other.strip()
