"""Case forms as Word files: every tick mark, hints left in, headings retyped, pictures and what they hide."""

from __future__ import annotations

import io

from tests.corpus.entries import ASK, STORY, Entry, figures, read, story
from tests.corpus.letters import TITLE, case, form
from tests.corpus.picture_entries import enormous, jpeg
from tests.forms.documents import CASE, HEAD, SECTIONS, section_lines
from tests.forms.word_files import check_box, docx, field, ins, p, picture, r, sym, tbl, tc, text_box, tr
from xinzhi.forms.writing.word import write_word

_SECTIONS = section_lines(SECTIONS)


def boxes(*signs: str) -> str:
    """A paragraph for each option, its box before it as XML."""
    options = (option.zh for option in CASE.fields["domain"].options.values())
    return "".join(f"<w:p>{sign}{r(option)}</w:p>" for sign, option in zip(signs, options, strict=True))


def legacy(ticked: bool) -> str:
    """A check box of the forms toolbar of old Word."""
    state = "<w:checked/>" if ticked else '<w:default w:val="0"/>'
    return field("FORMCHECKBOX", form=f"<w:checkBox>{state}</w:checkBox>")


def enclosed(sign: str) -> str:
    """带圈字符, which people use to put a tick into a box."""
    return field(f"eq \\o\\ac(□,{sign})")


def other_headings() -> bytes:
    """Headings that people write in place of the form's."""
    written = {"（一）背景摘要": "（一）案例背景", "（一）案例详情": "（一）具体做法", "（二）具体成效": "（二）取得成效",
               "（二）推广价值": "（二）推广意义"}  # fmt: skip
    return case(lines=[written.get(line, line) for line in _SECTIONS])


def white_text() -> bytes:
    """A sentence in white behind one in black."""
    white = r("产值增长九成。", '<w:color w:val="FFFFFF"/>')
    text = SECTIONS["background"]
    return case(lines=[p(inside=r(text) + white) if line == text else line for line in _SECTIONS])


PLAIN_BOX, TICKED_BOX = sym("Wingdings 2", "F0A3"), sym("Wingdings 2", "F052")

# The making of a tick, what is chosen, and the rule that says so.
TICKS: list[tuple[str, str, str, str]] = [
    ("ballot-box", "□文化旅游\n☑高科技\n□绿色经济", "high_technology", ""),
    ("black-square", "□文化旅游\n■高科技\n□绿色经济", "high_technology", ""),
    ("root-sign-for-the-box", "□文化旅游\n√高科技\n□绿色经济", "high_technology", ""),
    ("root-sign-behind", "□文化旅游\n□高科技√\n□绿色经济", "high_technology", ""),
    ("root-sign-before-the-box", "□文化旅游 √□高科技 □绿色经济", "high_technology", ""),
    ("check-mark", "□文化旅游\n✓高科技\n□绿色经济", "high_technology", ""),
    ("brackets", "（ ）文化旅游（√）高科技（ ）绿色经济", "high_technology", ""),
    ("boxes-behind", "文化旅游□\n高科技☑\n绿色经济□", "high_technology", ""),
    ("radio-buttons", "○文化旅游 ●高科技 ○绿色经济", "high_technology", ""),
    ("others-removed", "高科技", "high_technology", "choices.only_left"),
    ("crossed-box", "□文化旅游\n☒高科技\n□绿色经济", "high_technology", "choices.crossed_box"),
    ("content-control", boxes(check_box(False), check_box(True), check_box(False)), "high_technology", ""),
    ("wingdings-2", boxes(PLAIN_BOX, TICKED_BOX, PLAIN_BOX), "high_technology", ""),
    ("wingdings-without-f0", boxes(*(sym("Wingdings 2", c) for c in ("A3", "52", "A3"))), "high_technology", ""),
    ("wingdings-fe", boxes(*(sym("Wingdings", c) for c in ("F0A8", "F0FE", "F0A8"))), "high_technology", ""),
    ("form-field", boxes(legacy(False), legacy(True), legacy(False)), "high_technology", ""),
    ("enclosed-character", boxes(r("□"), enclosed("√"), r("□")), "high_technology", ""),
    ("tracked-tick", boxes(r("□"), ins(r("☑")), r("□")), "high_technology", "files.tracked"),
    ("none", "□文化旅游\n□高科技\n□绿色经济", ASK, "choices.none"),
    ("several", "☑文化旅游\n☑高科技\n□绿色经济", ASK, "choices.several"),
    ("mixed", "☑文化旅游\n☒高科技\n□绿色经济", ASK, "choices.mixed"),
    ("cross", "□文化旅游\n×高科技\n□绿色经济", ASK, "choices.cross"),
    ("shared", "☑文化旅游、高科技", ASK, "choices.unclear"),
    ("between-two", "文化旅游√高科技 绿色经济", ASK, "choices.unclear"),
    ("other-domain", "☑数字经济", ASK, "choices.other"),
    ("box-that-lies", boxes(check_box(False), check_box(True, "☐"), check_box(False)), ASK,
     "files.doubtful_box choices.unclear"),
]  # fmt: skip


def tick(slug: str, written: str, chosen: str, rules: str) -> Entry:
    kind = "ask" if chosen == ASK else "accept"
    return read(
        kind,
        f"tick-{slug}.docx",
        lambda: case(written),
        story(domain=chosen),
        rules,
        hostile=slug == "box-that-lies",
    )


def ours() -> bytes:
    answers = {(id, None): text for id, text in STORY.items()}
    write_word(CASE, answers, target := io.BytesIO())
    return target.getvalue()


def hints_left() -> bytes:
    """The form's own red and blue words still stand above the answers."""
    red = '<w:color w:val="FF0000"/>'
    lines = []
    for part in CASE.content.parts:
        lines.append(part.title.zh)
        for section in part.sections:
            hint = r(f"【填写内容】{section.content}", red)
            lines += [section.label, f"<w:p>{hint}</w:p>", SECTIONS[section.id]]
    return case(lines=lines)


def renumbered() -> bytes:
    """Headings with other numbers, and one in other words."""
    names = ["背景摘要", "案例简介", "案例详情", "具体成效", "创新点", "推广价值", "体会感受"]
    texts = dict(zip(names, SECTIONS.values(), strict=True))
    return case(lines=[line for at, name in enumerate(names, 1) for line in (f"{at}. {name}", texts[name])])


def both_forms() -> bytes:
    """Annex 1 and annex 2 in one file."""
    return docx(TITLE + form() + p() + case_body())


def case_body() -> str:
    lines = []
    for line in CASE.head:
        cells = [text for id in line.fields for text in (CASE.fields[id].label, HEAD[id])]
        lines.append(tr(*(tc("".join(p(part) for part in cell.split("\n"))) for cell in cells)))
    content = "".join(p(text) for text in [CASE.content.label, *_SECTIONS])
    return p(CASE.title.zh) + tbl(*lines, tr(tc(content, span=4))) + p()


def with_pictures(**media: bytes) -> bytes:
    names = {f"image{at}.{name}": data for at, (name, data) in enumerate(media.items(), start=1)}
    shown = "".join(p(inside=picture(name)) + p(f"图{at} 生产线") for at, name in enumerate(names, start=1))
    return case(after=shown, media=names)


ENTRIES = [
    *(tick(*each) for each in TICKS),
    read("accept", "case-our-own-writer.docx", ours, story()),
    read("accept", "case-other-headings.docx", other_headings, story(), "reading.heading_retyped"),
    read("ask", "case-white-text.docx", white_text, story(background=STORY["background"] + "产值增长九成。"),
         "reading.unseen_text", hostile=True),
    read("ask", "case-hints-left.docx", hints_left, story(), "reading.hint_left"),
    read("accept", "case-renumbered.docx", renumbered, story(), "reading.heading_retyped"),
    read("accept", "case-both-forms.docx", both_forms,
         {**figures(), **story(seal_date=None, evidence=None)}, "reading.two_forms"),
    read("ask", "case-text-box.docx", lambda: case(after=p(inside=text_box(p("本案例另有三条产线正在改造。")))), story(),
         "reading.text_box"),
    read("ask", "case-date-that-is-none.docx", lambda: case(seal=["单位盖章", "2025年13月45日"]), story(seal_date=ASK),
         "reading.seal_date"),
    read("accept", "case-date-in-chinese.docx", lambda: case(seal=["单位（盖章）", "二〇二五年八月十五日"]), story()),
    read("ask", "case-title-twice.docx",
         lambda: case(after=tbl(tr("案例名称", "另一个名称")) + p()),
         story(title=ASK), "reading.field_twice"),
    read("accept", "case-business-secret.docx",
         lambda: case(lines=[line.replace("首次", "不涉及商业秘密，首次") for line in _SECTIONS]),
         story(innovation="不涉及商业秘密，首次采用共享数据平台。")),
    read("accept", "case-three-pictures.docx",
         lambda: with_pictures(jpeg=jpeg(), jpg=jpeg(colour="green"), png=enormous(40, 30)), story(),
         pictures=("JPEG", "JPEG", "PNG")),
    read("accept", "case-four-hundred-megapixels.docx", lambda: with_pictures(png=enormous()), story(),
         pictures=("pictures.enormous",), hostile=True),
    read("accept", "case-page-as-picture.docx", lambda: with_pictures(jpg=b"<html><script>alert(1)</script></html>"),
         story(),
         pictures=("pictures.kind",), hostile=True),
]  # fmt: skip
