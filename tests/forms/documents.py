"""Small documents as the file readers give them, built without any file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from xinzhi.forms import load_form
from xinzhi.forms.document import Cell, Document, Paragraph, Picture, Run, Table
from xinzhi.forms.places import Place

INDICATORS = load_form("letter-2025/indicators@1")
CASE = load_form("letter-2025/case@1")

Content = str | Run | Sequence["str | Run | Sequence[Run]"]
"""A cell's text; a list holds its paragraphs, each a text, a run or a list of runs."""


def paragraph(content: str | Run | Sequence[Run], place: Place | None = None, **looks) -> Paragraph:
    runs = (
        [Run(content)]
        if isinstance(content, str)
        else [content]
        if isinstance(content, Run)
        else list(content)
    )
    return Paragraph(runs, place or Place(), **looks)


def cell(row: int, column: int, content: Content = "", *, table: int = 1, **spans) -> Cell:
    place = Place(table=table, row=row, column=column)
    written = (
        content.split("\n")
        if isinstance(content, str)
        else [content]
        if isinstance(content, Run)
        else content
    )
    paragraphs = [
        paragraph(text, place.model_copy(update={"paragraph": number}))
        for number, text in enumerate(written, start=1)
    ]
    return Cell(row, column, place, paragraphs, **spans)


def table(rows: Iterable[Sequence[Content | Cell | None]], *, number: int = 1, **settings) -> Table:
    """A table from rows of contents; None where a merged cell lies over the place."""
    cells, rows = [], [list(row) for row in rows]
    for r, row in enumerate(rows, start=1):
        for c, content in enumerate(row, start=1):
            if isinstance(content, Cell):
                cells.append(content)
            elif content is not None:
                cells.append(cell(r, c, content, table=number))
    return Table(Place(table=number), cells, len(rows), max(map(len, rows)), **settings)


def document(*blocks: Paragraph | Table | str, **settings) -> Document:
    return Document(
        "docx",
        [
            paragraph(block, Place(paragraph=number)) if isinstance(block, str) else block
            for number, block in enumerate(blocks, start=1)
        ],
        **settings,
    )


# --- the indicator form ------------------------------------------------------------------------------------

HEADER = ["", "指标", "2023年", "2024年", "说明"]


def indicator_rows(figures: Mapping[str, tuple[str, str]]) -> list[list[Content]]:
    """The rows of the letter's form with these figures, without the header."""
    return [["", row.label, *figures.get(id, ("", "")), row.note] for id, row in INDICATORS.rows.items()]


def indicator_document(figures: Mapping[str, tuple[str, str]]) -> Document:
    return document(INDICATORS.title.zh, table([HEADER, *indicator_rows(figures)]))


# --- the case form -----------------------------------------------------------------------------------------

HEAD = {
    "title": "示例县智能工厂改造",
    "domain": "□文化旅游\n☑高科技\n□绿色经济",
    "unit": "示例省示例县人民政府",
    "contact": "张三样例",
    "phone": "010-00000000",
    "address": "示例省示例县示例路1号",
    "email": "case@example.com",
    "recommender": "示例市工业和信息化局",
    "recommender_contact": "李四样例",
    "recommender_phone": "010-00000001",
    "recommender_address": "示例省示例市示例路2号",
    "recommender_email": "office@example.com",
}
SECTIONS = {
    "background": "本县传统制造业能耗较高，亟需转型。",
    "summary": "项目于2023年启动，覆盖3家工厂。",
    "details": "分三步实施：规划、建设、运营。",
    "results": "单位能耗下降12.50%。",
    "innovation": "首次采用共享数据平台。",
    "replication": "已在5家企业推广。",
    "reflections": "数据标准应先行。",
}


def section_lines(sections: Mapping[str, Content]) -> list:
    """Part titles, headings and texts as the letter orders them."""
    lines: list = []
    for part in CASE.content.parts:
        lines.append(part.title.zh)
        for section in part.sections:
            text = sections.get(section.id, "")
            lines += [section.label, *([text] if isinstance(text, str | Run) else text)]
    return lines


def seal_lines(date: str = "2025年8月15日") -> list[str]:
    return ["", CASE.seal.above, "", CASE.seal.label, CASE.seal.hint, date]


def case_table(
    head: Mapping[str, Content] = HEAD,
    content: Sequence[Content] | None = None,
    evidence: Sequence[str] = ("1、能效检测报告", "2、"),
) -> Table:
    """The letter's table: four columns, the seal in the cell of the sections."""
    if content is None:
        content = [*section_lines(SECTIONS), *seal_lines()]
    fields, rows = CASE.fields, []
    for number, line in enumerate(CASE.head, start=1):
        row: list = []
        for id in line.fields:
            row += [fields[id].label, head.get(id, "")]
        if len(line.fields) == 1:
            row[1] = cell(number, 2, row[1], width=3)
            row += [None, None]
        rows.append(row)
    after = len(rows)
    rows.append([cell(after + 1, 1, [CASE.content.label, *content], width=4), None, None, None])
    rows.append([cell(after + 2, 1, [CASE.evidence.label, *evidence], width=4), None, None, None])
    return table(rows)


def case_document(*arguments, pictures: Sequence[Picture] = (), **settings) -> Document:
    return document(CASE.title.zh, case_table(*arguments, **settings), pictures=list(pictures))


def rules_of(reading) -> list[str]:
    """The rules of a reading's findings, each once."""
    return list(dict.fromkeys(finding.rule for finding in reading.findings))
