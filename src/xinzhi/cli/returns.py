"""What was read and taken in, as text for the terminal and as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from xinzhi.cli.experts import table_lines
from xinzhi.forms import AnyForm, Call, Finding, Reading, Value, grade_of, load_form, message, remedy
from xinzhi.forms.model import IndicatorForm
from xinzhi.forms.rules import GRADES
from xinzhi.forms.writing.remarks import field_title, grade_title, remarks
from xinzhi.intake.copies import Copies
from xinzhi.intake.gazetteer import Gazetteer
from xinzhi.intake.records import Item, Return, Status
from xinzhi.intake.replies import beijing
from xinzhi.intake.store import Store
from xinzhi.language import gettext as _

_WIDEST = 30  # characters of a name or a text in a table


def status_name(status: Status) -> str:
    """Return what people call the state of a return."""
    return {
        "received": _("已收"),
        "understood": _("已读"),
        "question": _("待人核实"),
        "quarantine": _("隔离"),
        "duplicate": _("重复"),
        "late": _("逾期"),
    }[status]


# --- one form --------------------------------------------------------------------------------------------


def checked_lines(
    file: Path, reading: Reading, form: AnyForm | None, findings: Sequence[Finding], *, values: bool
) -> Iterator[str]:
    """Yield what a file is, what was read and what is to be said about it."""
    title = f"{form.title} [{form.name}]" if form else _("不是填报表")
    yield f"{file}: {title}"
    if values and form:
        yield from (f"  {line}" for line in _values(form, reading))
    yield from _remark_lines(findings, form)
    yield "  " + counted(findings)


def checked_dict(
    file: Path, reading: Reading, form: AnyForm | None, findings: Sequence[Finding]
) -> dict[str, Any]:
    """Return the same as JSON knows it."""
    return {
        "file": str(file),
        "form": reading.form,
        "reading": reading.model_dump(mode="json"),
        "findings": [finding_dict(finding) for finding in findings],
    }


def finding_dict(finding: Finding) -> dict[str, Any]:
    """Return a finding with its words."""
    return {
        **finding.model_dump(mode="json"),
        "grade": grade_of(finding),
        "what": message(finding),
        "mend": remedy(finding),
    }


def counted(findings: Sequence[Finding]) -> str:
    """Say how many findings of each grade there are."""
    if not findings:
        return _("没有问题")
    count = Counter(grade_of(finding) for finding in findings)
    return ", ".join(f"{grade_title(grade)} {count[grade]}" for grade in GRADES if count[grade])


def _values(form: AnyForm, reading: Reading) -> Iterator[str]:
    heads = (_("栏目"), _("读到的值"), _("位置"))
    rows = []
    for value in reading.values:
        if value.status == "missing" and value.place.row == 0:
            continue
        year = f" {value.year}" if value.year else ""
        title = field_title(form, value.field) or value.field
        place = str(value.place.model_copy(update={"file": ""}))
        rows.append((_cut(title + year), _cut(_shown(form, value)), place))
    yield from table_lines(heads, rows)


def _shown(form: AnyForm, value: Value) -> str:
    match value.status:
        case "missing":
            return _("缺")
        case "question":
            return _("待核实: {text}").format(text=value.raw)
        case "number":
            assert isinstance(form, IndicatorForm)
            return f"{value.number:,} {form.figure(value.field).unit}"
        case _:
            return " ".join(value.text.split())


# --- what arrived ----------------------------------------------------------------------------------------


def summary_lines(met: Sequence[Return], store: Store, call: Call, places: Gazetteer) -> Iterator[str]:
    """Yield a table of what arrived and, below it, quarantine, questions, drafts and totals."""
    heads = (_("收件"), _("编号"), _("时间"), _("状态"), _("填报单位"), _("内容"), _("审核"))
    rows = [
        (
            _cut(made.name),
            made.id,
            beijing(made.received, call) if made.received else "–",
            status_name(made.status),
            _cut(_filer(made, places)),
            _cut(_contents(made)),
            counted(made.all_findings()),
        )
        for made in met
    ]
    yield from table_lines(heads, rows, left=len(heads))
    for status, heading in (("quarantine", _("隔离的文件:")), ("question", _("待人核实:"))):
        chosen = [made for made in met if made.status == status]
        if chosen:
            yield ""
            yield heading
        for made in chosen:
            yield from (f"  {made.id}  {line}" for line in _reasons(made))
    yield ""
    yield from _totals(met, store)


def summary_dict(met: Sequence[Return], store: Store) -> dict[str, Any]:
    """Return the same as JSON knows it."""
    drafts = {reply.delivery: str(reply.path) for reply in store.replies()}
    return {
        "returns": [
            {
                **made.model_dump(mode="json"),
                "messages": [finding_dict(finding) for finding in made.all_findings()],
                "draft": drafts.get(made.id, ""),
            }
            for made in met
        ]
    }


def _filer(made: Return, places: Gazetteer) -> str:
    unit = places.unit(made.match.unit) if made.match.unit else None
    return unit.name if unit else made.match.body or "–"


def _reasons(made: Return) -> Iterator[str]:
    """Say why a person has to look: hostile and unsettled things, each once."""
    from xinzhi.forms.rules import rules

    said: dict[str, None] = {}
    for finding in made.all_findings():
        rule = rules()[finding.rule]
        if rule.hostile or rule.person:
            said.setdefault(message(finding))
    for value, _from in made.values():
        if value.status == "question":
            said.setdefault(_("“{text}”要人核实").format(text=_cut(value.raw)))
    unsettled = _("本办公室发出的邮件, 不作填报") if made.from_office else _("单位没有确认")
    yield from said or [unsettled]


def _totals(met: Sequence[Return], store: Store) -> Iterator[str]:
    count = Counter(made.status for made in met)
    states = ", ".join(f"{status_name(status)} {number}" for status, number in count.items())
    yield _("共 {count} 件: {states}").format(count=len(met), states=states or "–")
    drafts = [reply for reply in store.replies() if not reply.sent]
    if drafts:
        yield _("回复草稿 {count} 封: {folder}").format(count=len(drafts), folder=drafts[0].path.parent)


def _contents(made: Return) -> str:
    from xinzhi.intake.replies import reply_texts

    sorts = reply_texts().sorts
    count = Counter(item.sorting.sort for item in made.items if item.sorting.sort not in ("mail", "archive"))
    return ", ".join(
        f"{sorts[sort]} {number}" if number > 1 else str(sorts[sort]) for sort, number in count.items()
    )


def _cut(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


# --- one return ------------------------------------------------------------------------------------------


def return_lines(made: Return, store: Store, call: Call, places: Gazetteer) -> Iterator[str]:
    """Yield all that is known of a return, down to the place of every value."""
    yield f"{made.id}  {made.name}  {status_name(made.status)}"
    if made.original:
        yield _("与 {receipt} 相同").format(receipt=made.original)
    yield _("收到: {time}").format(time=beijing(made.received, call) if made.received else "–")
    yield _("来自: {sender}").format(sender=made.sender or "–")
    yield _("主题: {subject}").format(subject=made.subject_text or "–")
    yield _("填报单位: {filer}").format(filer=_filer(made, places))
    yield from (f"  {reason}" for reason in map(str, made.match.reasons))
    for item in made.items:
        yield ""
        yield from _item_lines(item)
    if made.findings:
        yield ""
        yield _("整件:")
        yield from _remark_lines(made.findings, None)
    for reply in store.replies():
        if reply.delivery == made.id:
            yield ""
            yield _("回复草稿: {path}").format(path=reply.path)


def _item_lines(item: Item) -> Iterator[str]:
    from xinzhi.intake.card import card
    from xinzhi.intake.replies import reply_texts

    sort = reply_texts().sorts[item.sorting.sort]
    yield f"{item.path}  [{sort}, {item.sorting.confidence:.0%}]  {item.size:,} B  {item.sha256[:12]}"
    form = None
    for reading in item.readings:
        if not reading.form:
            continue
        form = load_form(reading.form)
        if isinstance(form, IndicatorForm):
            yield from (f"  {line}" for line in _values(form, reading))
        else:
            yield from (f"  {line}" for line in str(card(form, reading)).splitlines())
    yield from _remark_lines(item.findings, form)


def _remark_lines(findings: Sequence[Finding], form: AnyForm | None) -> Iterator[str]:
    for remark in remarks(findings, form):
        yield f"  {remark.number}. [{grade_title(remark.grade)}] {remark.where}: {remark.what}"
        yield f"     {remark.mend}"


# --- copies ----------------------------------------------------------------------------------------------


def copies_lines(found: Copies) -> Iterator[str]:
    """Yield which cases share text, and which pictures look alike."""
    for pair in found.texts:
        one, other = found.cases[pair.one], found.cases[pair.other]
        yield _("{share} 相同: {one} 与 {other}").format(
            share=f"{pair.containment:.0%}",
            one=f"{pair.one} {one.title} ({one.filer})",
            other=f"{pair.other} {other.title} ({other.filer})",
        )
    for alike in found.pictures:
        yield _("图片相同: {one} 与 {other}").format(one=alike.one, other=alike.other)
    if not (found.texts or found.pictures):
        yield _("{count} 个案例之间没有相同的文字和图片").format(count=len(found.cases))


def copies_dict(found: Copies) -> dict[str, Any]:
    """Return the same as JSON knows it."""
    return {
        "cases": {key: {"title": case.title, "filer": case.filer} for key, case in found.cases.items()},
        "texts": [asdict(pair) for pair in found.texts],
        "pictures": [asdict(pair) for pair in found.pictures],
    }
