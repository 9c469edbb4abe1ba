"""The pages about forms and rules, in both languages side by side, generated from the declarations themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from xinzhi.declarations import Text
from xinzhi.forms.loading import AnyForm, forms, load_call, load_form
from xinzhi.forms.model import CaseField, CaseForm, Figure, IndicatorForm, Row, Section
from xinzhi.forms.rules import GRADES, Grade, Rule, rules, subjects
from xinzhi.forms.writing.remarks import grade_title
from xinzhi.language import speaking
from xinzhi.output import whole_file

_FILLERS = {
    "unit": "填报单位 / filing unit",
    "media": "媒体单位 / media unit",
    "cases": "由案例计数 / counted from the cases",
}


def form_page(form: AnyForm) -> str:
    """Return the page of a form as Markdown: every row or field with all that is asked of it."""
    asked = _indicators(form) if isinstance(form, IndicatorForm) else _case(form)
    return "\n".join(
        (
            f"# {_both(form.title)}",
            "",
            f"`{form.name}` · {_both(form.source)} · {form.style.font} {form.style.points:g} pt",
            "",
            *asked,
            "## 填报说明 / Notes",
            "",
            *(f"> {note.zh}<br>{note.en}\n" for note in form.notes),
        )
    )


def rules_page() -> str:
    """Return the page of all rules as Markdown, subject by subject."""
    counts = {grade: sum(rule.grade == grade for rule in rules().values()) for grade in GRADES}
    lines = [
        "# 审核规则 / Rules of review",
        "",
        f"{len(rules())} 条 / rules: "
        + ", ".join(f"{_grade(grade)} {count}" for grade, count in counts.items()),
        "",
        "花括号内是每条审核意见给出的事实; 条款编号见 [requirements.md](requirements.md)。 / "
        "Words in braces are facts that each finding brings; clauses are those of [requirements.md](requirements.md).",
        "",
    ]
    for subject, title in subjects().items():
        lines += [f"## {_both(title)}", ""]
        for id, rule in rules().items():
            if id.split(".")[0] == subject:
                lines += _rule(id, rule)
    return "\n".join(lines)


def write_pages(folder: str | Path) -> None:
    """Write ``forms.md`` and ``rules.md`` into a folder."""
    for name, page in pages().items():
        with whole_file(Path(folder) / name) as draft:
            draft.write_text(page, encoding="utf-8")


def pages() -> dict[str, str]:
    """Return the generated pages by the name of their file: all forms in their newest version, all rules."""
    templates = dict.fromkeys(name.split("/")[0] for name in forms())
    asked = [load_form(f"{template}/{id}") for template in templates for id in load_call(template).forms]
    return {
        "forms.md": "\n".join(map(form_page, asked)),
        "rules.md": rules_page(),
    }


# --- forms -----------------------------------------------------------------------------------------------


def _indicators(form: IndicatorForm) -> Iterator[str]:
    years = ", ".join(map(str, form.years))
    yield from (f"## 指标 / Rows ({years})", "")
    yield from _table(
        "# | id | 指标 / Row | 单位 / Unit | 小数 / Decimals | 范围 / Limits | 谁填 / Who fills | 说明 / Note",
        (
            (number, f"`{id}`", f"{row.label}<br>{row.title.en}", _unit(row), *_demands(row), _notes_of(row))
            for number, (id, row) in enumerate(form.rows.items(), start=1)
        ),
    )
    yield from ("## 公式的读法 / Readings of the formulas", "")
    yield from _table(
        "指标 / Row | 读法 / Reading | 公式 / Formula | 含义 / Meaning",
        (
            (f"`{id}`", f"`{reading}`", f"`{formula.text}`", _both(formula.title))
            for id, row in form.rows.items()
            for reading, formula in row.formula.items()
        ),
    )
    yield from ("## 备查数据 / Working figures", "")
    yield "网上填报和 Excel 表提供, 函的 Word 表没有。 / Offered online and in Excel; the letter's Word form has none.\n"
    yield from _table(
        "id | 数据 / Figure | 单位 / Unit | 小数 / Decimals | 范围 / Limits",
        (
            (f"`{id}`", _both(figure.title), figure.unit, figure.decimals, _limits(figure))
            for id, figure in form.working.items()
        ),
    )
    yield from ("## 没有数字时 / In the place of a figure", "")
    yield f"- 读作缺失 / read as missing: {_codes(form.marks.missing)}"
    yield f"- 请人确认 / a question to a person: {_codes(form.marks.question)}\n"


def _unit(row: Row) -> str:
    names = " / ".join((row.unit, *row.unit_aliases))
    return names if row.unit_printed or not names else f"{names} (函未写明 / not in the letter)"


def _demands(row: Row) -> tuple[object, ...]:
    return row.decimals, _limits(row), _FILLERS[row.filled_by]


def _limits(figure: Figure) -> str:
    least, most = figure.limits
    sign = ">" if figure.positive and least == 0 else "≥"
    limits = [f"{sign} {least:,f}" if least is not None else "", f"≤ {most:,f}" if most is not None else ""]
    return ", ".join(limit for limit in limits if limit) + ("; 整数 / whole" if figure.whole else "")


def _notes_of(row: Row) -> str:
    notes = [row.note]
    if row.within:
        notes.append(f"不大于 / within `{row.within}`")
    if row.zero_explained:
        notes.append("填 0 须说明 / zero is explained")
    if row.change:
        low, high = row.change
        notes.append(f"年增减在此范围外须说明 / explained beyond {low:+.0%} to {high:+.0%} a year")
    return "<br>".join(note for note in notes if note)


def _case(form: CaseForm) -> Iterator[str]:
    yield from ("## 栏目 / Fields", "")
    yield from _table(
        "id | 栏目 / Field | 必填 / Required | 最长 / Longest | 内容 / Content",
        ((f"`{id}`", *_field(field)) for id, field in form.fields.items()),
    )
    most = f"{form.content.most_characters:,}"
    yield from ("## 案例内容 / Content", "")
    yield f"{most} 字以内, 可见字符各计一字, 空白不计。 / At most {most} characters: each visible one, no white space.\n"
    for part in form.content.parts:
        yield from (f"### {_both(part.title)}", "")
        for section in part.sections:
            yield from _section(form, section)
    pictures = form.pictures
    yield from ("## 图片 / Pictures", "")
    yield f"- {pictures.fewest}—{pictures.most} 张 / pictures, {pictures.preferred}"
    yield f"- ≥ {pictures.least_bytes:,} 字节 / bytes, ≥ {pictures.least_pixels:,} 像素 / pixels"
    yield f"- {_both(pictures.note)}\n"
    yield from ("## 盖章和附件 / Seal and attachments", "")
    yield f"- `seal_date` {form.seal.label} {form.seal.hint}"
    yield f"- `evidence` {form.evidence.label}"
    yield from (f"  - {hint}" for hint in form.evidence.hints)
    yield ""


def _field(field: CaseField) -> tuple[object, ...]:
    required = "是 / yes" if field.required else ""
    if field.required_with:
        required = f"填了 / with `{field.required_with}`"
    content = [field.hint, *(f"□ {_both(text)} `{id}`" for id, text in field.options.items())]
    if field.private:
        content.append("不公开 / never public")
    return (
        _both(field.title),
        required,
        "" if field.options else field.longest,
        "<br>".join(filter(None, content)),
    )


def _section(form: CaseForm, section: Section) -> Iterator[str]:
    headings = form.content.headings
    yield f"**{section.label}** {section.title.en} `{section.id}`\n"
    yield f"- {headings.content}{section.content}"
    yield f"- {headings.data}{section.data}"
    yield f"- {headings.advice}{section.advice}\n"


# --- rules -----------------------------------------------------------------------------------------------


def _rule(id: str, rule: Rule) -> Iterator[str]:
    marks = [f"**{_grade(rule.grade)}**"]
    if rule.clause:
        marks.append(f"{rule.clause}")
    if rule.person:
        marks.append("由人确认 / a person decides")
    if rule.hostile:
        marks.append("隔离 / quarantine")
    yield from (f"### `{id}`", "", " · ".join(marks), "")
    texts = (("问题 / What", rule.what), ("原因 / Why", rule.why), ("改法 / How to mend", rule.mend))
    yield from _table(" | 中文 | English", ((name, text.zh, text.en) for name, text in texts))


def _grade(grade: Grade) -> str:
    return _spoken(lambda: grade_title(grade))


# --- Markdown --------------------------------------------------------------------------------------------


def _both(text: Text) -> str:
    return f"{text.zh} / {text.en}" if text.en else text.zh


def _spoken(text: Callable[[], str]) -> str:
    """Return what is said in Chinese and in English."""
    with speaking("zh"):
        chinese = text()
    with speaking("en"):
        return f"{chinese} / {text()}"


def _codes(words: Sequence[str]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _table(heading: str, rows: Iterable[Iterable[object]]) -> Iterator[str]:
    columns = [column.strip() for column in heading.split(" | ")]
    yield f"| {' | '.join(columns)} |"
    yield f"|{'---|' * len(columns)}"
    for row in rows:
        yield f"| {' | '.join(str(cell).replace('|', chr(92) + '|') for cell in row)} |"
    yield ""
