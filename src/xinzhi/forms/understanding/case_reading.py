"""The case form in a document: head, sections, seal, evidence, and what of the text are hints left in."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from xinzhi.declarations import Text
from xinzhi.forms.counting import count_characters
from xinzhi.forms.document import Document
from xinzhi.forms.model import CaseForm
from xinzhi.forms.places import Place
from xinzhi.forms.reading import Fact, Finding, Reading, Value
from xinzhi.forms.spelling import NUMBERING, letters, plain
from xinzhi.forms.understanding.head_fields import FieldText, HeadLabels, head_fields
from xinzhi.forms.understanding.hints import coloured, hints_of
from xinzhi.forms.understanding.marks import read_choice
from xinzhi.forms.understanding.numbers import shortened
from xinzhi.forms.understanding.passages import Passage, joined, reading_order, styles_of, text_of, unseen
from xinzhi.forms.understanding.section_headings import Heading, Headings
from xinzhi.language import half_width

_SEAL = re.compile(r".{0,6}单位[（(]?(?:盖章|公章|签章)[)）]?.{0,16}")
_AFTER = re.compile(r"注[:：]?填报说明.*|附件[0-9一二三四五]")
_LABEL = 200  # characters of a line in which a label or a date is looked for
_ENTRY = re.compile(rf"(?:^|(?<=[；;\s]))\s*{NUMBERING}")
_SPECIAL = {
    "evidence": Text(zh="附件目录", en="List of attachments"),
    "seal_date": Text(zh="单位盖章", en="Seal of the unit"),
}
_CONTENT = Text(zh="案例内容", en="Content of the case")
_DIGITS = str.maketrans("〇零○一二三四五六七八九", "000123456789")
_DATE = re.compile(r"((?:19|20)[0-9]{2})(?:年|[-/.])([0-9]{1,2})(?:月|[-/.])([0-9]{1,2})日?")
_DATE_LIKE = re.compile(r"[0-9〇零○一二三四五六七八九十].*[年月./-]|[年月].*[0-9一二三四五六七八九十]")


def labels_found(document: Document, form: CaseForm) -> int:
    """Return how many labels of the head and headings of sections a document has."""
    labels, headings = HeadLabels(form), Headings(form)
    found: set[tuple[str, ...]] = set()
    for line in reading_order(document):
        if not line.text.strip():
            continue
        if line.cell is not None and (fields := labels.of_cell(line.cell)[0]):
            found.add(fields)
        found |= {fields for _start, _end, fields in labels.in_line(line.text)}
        heading = headings.match(line.text)
        if heading and heading.id and not heading.alias and not heading.retyped:
            found.add((heading.id,))
    return len(found)


def read_case(document: Document, form: CaseForm) -> Reading:
    """Read the case form in a document.

    Returns
    -------
    Reading
        Values of every field, section, date and list of evidence; findings, styles, length, seal.
    """
    reader = _Reader(document, form)
    values = (*reader.head(), *reader.sections(), reader.seal_date(), reader.evidence_list())
    reader.judge_colours()
    own = [passage for passages in reader.own.values() for passage in passages]
    evidence = next(value for value in values if value.field == "evidence")
    return Reading(
        form=form.name,
        values=values,
        findings=tuple(reader.findings),
        styles=styles_of(own),
        characters=sum(count_characters(text_of(reader.own[id])) for id in (*form.sections, "")),
        evidence=tuple(evidence.text.split("\n")) if evidence.text else (),
        sealed=reader.sealed(),
    )


class _Reader:
    """Goes through the lines once, gives each to a field, a section, the seal or the list, then decides."""

    def __init__(self, document: Document, form: CaseForm) -> None:
        self.document, self.form = document, form
        self.finder = hints_of(form)
        self.findings: list[Finding] = []
        self.heads = Headings(form)
        self.lines = [part for line in reading_order(document) for part in self._parted(line)]
        self.sheet = any(line.place.cell for line in self.lines)
        self.headings = self._headings()
        self.begins = self._begin_of_content()
        self.fields, self.taken = head_fields(form, self.lines, self.begins)
        self.regions = self._regions()
        self.own: dict[str, list[Passage]] = defaultdict(list)
        self.hints: dict[str, list[Passage]] = defaultdict(list)

    def say(self, rule: str, place: Place, facts: Mapping[str, Fact] | None = None, field: str = "") -> None:
        """Keep a finding."""
        self.findings.append(Finding(rule=rule, field=field, place=place, facts=facts or {}))

    # --- which line is what

    def _parted(self, line: Passage) -> Iterator[Passage]:
        """Yield a line in parts, each with the heading of a section at its beginning."""
        begun = 0
        for at in self.heads.beginnings(line.text):
            yield line.part(begun, at)
            begun = at
        yield line.part(begun)

    def _headings(self) -> dict[int, Heading]:
        """Return the headings by line; an alias only for a section that has no heading of its own."""
        match = self.heads.match
        found = {
            number: heading
            for number, line in enumerate(self.lines)
            if line.text.strip() and (heading := match(line.text, numbered=line.paragraph.numbered))
        }
        named = {heading.id for heading in found.values() if not heading.alias and not heading.retyped}
        return {
            number: heading
            for number, heading in found.items()
            if not ((heading.alias or heading.retyped) and heading.id in named)
        }

    def _begin_of_content(self) -> int:
        label = letters(self.form.content.label)[0][:4]
        for number, line in enumerate(self.lines):
            if number in self.headings or (
                letters(line.text[:_LABEL])[0].startswith(label)
                and len(line.text) <= len(self.form.content.label) + 20
            ):
                return number
        return len(self.lines)

    def _regions(self) -> dict[str, list[Passage]]:
        """Give every line behind the head to a section, "seal" or "evidence"; "" is text under no heading."""
        regions: dict[str, list[Passage]] = defaultdict(list)
        self.order: list[tuple[Heading, Passage]] = []
        current, table = "", None
        label = letters(self.form.evidence.label)[0][:4]
        content = letters(self.form.content.label)[0]
        for number, line in enumerate(self.lines):
            spelled = letters(line.text[:_LABEL])[0]
            if number < self.begins or number in self.taken:
                continue
            beginning = plain(line.text[:_LABEL])
            if heading := self.headings.get(number):
                self.order.append((heading, line))
                current, line = heading.id, line.part(heading.end)
            elif _AFTER.fullmatch(beginning) and (line.table is None or current in ("seal", "evidence")):
                current = "after"
            elif spelled.startswith(label) and len(line.text) <= 40:
                current, table = "evidence", line.table
                line = line.part(_label_end(line.text))
            elif beginning == plain(self.form.seal.above) or _SEAL.fullmatch(beginning):
                current = "seal"
            elif spelled[:4] == content[:4] and number == self.begins:
                line = line.part(_label_end(line.text))
            if current == "evidence" and line.table is not table:
                current = "after"
            regions[current].append(line)
        return regions

    def _split(self, field: str, lines: Sequence[Passage]) -> str:
        """Part the filer's words from hints, keep both for the field, and return the filer's."""
        for line in lines:
            own, hints = self.finder.split(line)
            self.own[field] += own
            self.hints[field] += hints
        found = self.hints[field]
        letters_left = [hint for hint in found if letters(hint.text)[0]]
        if letters_left and not self.sheet:  # in a sheet the hints stand in cells of their own and stay
            facts: dict[str, Fact] = {
                "field": self._title(field),
                "count": len(letters_left),
                "hint": shortened(letters_left[0].text),
            }
            self.say("reading.hint_left", letters_left[0].place, facts, field)
        if hidden := unseen(self.own[field]):
            seen: dict[str, Fact] = {
                "field": self._title(field),
                "count": sum(count_characters(passage.text) for passage in hidden),
                "text": shortened(text_of(hidden)),
            }
            self.say("reading.unseen_text", hidden[0].place, seen, field)
        return text_of(self.own[field])

    def _title(self, field: str) -> Text:
        if field in self.form.fields:
            return self.form.fields[field].title
        if field in self.form.sections:
            return self.form.sections[field].title
        return _SPECIAL.get(field, _CONTENT)

    # --- head

    def head(self) -> Iterator[Value]:
        """Yield the values of the head."""
        for text in self.fields:
            if not text.field and text_of(text.lines):
                titles = joined(self.form.fields[id].title for id in text.fields)
                facts: dict[str, Fact] = {
                    "label": shortened(text.label.text),
                    "fields": titles,
                    "raw": shortened(text_of(text.lines)),
                }
                self.say("reading.whose", text.label.place, facts)
        for id in self.form.fields:
            yield self._field(id, [text for text in self.fields if text.field == id])

    def _field(self, id: str, found: Sequence[FieldText]) -> Value:
        for text in found:
            if text.retyped:
                facts: dict[str, Fact] = {"raw": shortened(text.retyped), "label": self._title(id)}
                self.say("reading.label_retyped", text.label.place, facts, id)
        filled = [text for text in found if text_of(text.lines)]
        different = {plain(text_of(text.lines)) for text in filled}
        if len(different) > 1:
            raw = " / ".join(text_of(text.lines) for text in filled)
            self.say(
                "reading.field_twice",
                filled[1].label.place,
                {"field": self._title(id), "raw": shortened(raw)},
                id,
            )
            return Value(
                field=id,
                raw=raw,
                status="question",
                understood="reading.field_twice",
                place=_place(filled[0].lines),
            )
        if not filled:
            return Value(field=id, status="missing", place=_place(found[0].lines) if found else Place())
        lines = filled[0].lines
        own = self._split(id, lines)
        if self.form.fields[id].options:
            return self._choice(id, lines)
        return Value(
            field=id, raw=text_of(lines), status="text" if own else "missing", text=own, place=_place(lines)
        )

    def _choice(self, id: str, lines: Sequence[Passage]) -> Value:
        pieces: list[tuple[str, bool | None]] = []
        if unseen(self.own.get(id, ())):  # said already: a mark that nobody sees is no answer
            raw, rule = text_of(lines), "reading.unseen_text"
            return Value(field=id, raw=raw, status="question", understood=rule, place=_place(lines))
        for passage in self.own.pop(id, []):  # the options are the form's words, not the filer's
            pieces += [(text, run.mark) for run, text in passage.pieces()]
            pieces.append(("\n", None))
        understood = read_choice(pieces, self.form.fields[id].options, boxes=not self.sheet)
        place = _place(lines)
        if understood.rule:
            self.say(understood.rule, place, {**understood.facts, "field": self._title(id)}, id)
        return Value(
            field=id,
            raw=text_of(lines),
            status=understood.status,
            text=understood.option,
            understood=understood.rule,
            place=place,
        )

    # --- sections

    def sections(self) -> Iterator[Value]:
        """Yield the values of the sections, and say what is unusual about their headings."""
        self._judge_headings()
        for id in self.form.sections:
            text = self._split(id, self.regions[id])
            retyped = any(
                heading.id == id and (heading.retyped or heading.alias) for heading, _line in self.order
            )
            yield Value(
                field=id,
                raw=text_of(self.regions[id]),
                status="text" if text else "missing",
                text=text,
                understood="reading.heading_retyped" if retyped else "",
                place=_place(self.own[id] or [line for heading, line in self.order if heading.id == id]),
            )
        if stray := self._split("", self.regions[""]):
            facts: dict[str, Fact] = {"count": count_characters(stray), "text": shortened(stray)}
            self.say("reading.stray_text", _place(self.own[""]), facts)

    def _judge_headings(self) -> None:
        seen: list[str] = []
        for heading, line in self.order:
            id = heading.id
            if not id:
                continue
            if heading.retyped or heading.alias:
                facts: dict[str, Fact] = {"raw": shortened(line.text), "label": self._title(id)}
                self.say("reading.heading_retyped", line.place, facts, id)
            if id in seen:
                self.say("reading.section_repeated", line.place, {"label": self._title(id)}, id)
            else:
                seen.append(id)
        if seen != [id for id in self.form.sections if id in seen]:
            order = joined(self._title(id) for id in seen)
            self.say("reading.section_order", self.order[0][1].place, {"order": order})

    # --- seal and evidence

    def seal_date(self) -> Value:
        """Return the date at the seal."""
        lines = self.regions["seal"]
        dated = [
            line
            for line in lines
            if len(line.text) <= _LABEL and re.search(r"[年月]|[0-9][-/.][0-9]", line.text)
        ]
        if not dated:
            return Value(field="seal_date", status="missing", place=_place(lines))
        line = next((line for line in dated if _DATE_LIKE.search(half_width(line.text))), dated[0])
        raw = line.text.strip()
        if not re.search(r"[0-9〇零○一二三四五六七八九十]", half_width(raw)):
            return Value(field="seal_date", raw=raw, status="missing", place=line.place)
        found = date_of(raw)
        if found is None:
            self.say("reading.seal_date", line.place, {"raw": shortened(raw)}, "seal_date")
            return Value(
                field="seal_date",
                raw=raw,
                status="question",
                understood="reading.seal_date",
                place=line.place,
            )
        self.own["seal_date"].append(line)
        return Value(field="seal_date", raw=raw, status="text", text=found.isoformat(), place=line.place)

    def sealed(self) -> bool:
        """Tell whether a picture lies in the cell of the seal, behind the sections where these share the cell."""
        lines = self.regions["seal"]
        if not lines:
            return False
        first = lines[0].place
        shared = any(
            line.cell is not None and line.cell is lines[0].cell
            for id in self.form.sections
            for line in self.own[id]
        )
        for place in (*(picture.place for picture in self.document.pictures), *self.document.drawings):
            if (place.part, place.table) != (first.part, first.table):
                continue
            if (place.row, place.column) != (first.row, first.column):
                continue
            if (place.table and not shared) or place.paragraph >= first.paragraph > 0:
                return True
        return False

    def evidence_list(self) -> Value:
        """Return the list of attachments, a name on each line."""
        lines = self.regions["evidence"]
        self._split("evidence", lines)
        self.own["evidence"] = [passage for passage in self.own["evidence"] if any(_names(passage.text))]
        names = [name for line in text_of(self.own["evidence"]).split("\n") for name in _names(line)]
        return Value(
            field="evidence",
            raw=text_of(lines),
            status="text" if names else "missing",
            text="\n".join(names),
            place=_place(self.own["evidence"] or lines),
        )

    # --- colours

    def judge_colours(self) -> None:
        """Say where the filer's words have the colour of hints: they are kept, and a person may see a hint."""
        for field, passages in self.own.items():
            found, characters = coloured(passages)
            if found:
                facts: dict[str, Fact] = {
                    "field": self._title(field),
                    "count": characters,
                    "text": shortened(text_of(found)),
                }
                self.say("reading.hint_colour", found[0].place, facts, field)


def date_of(text: str) -> date | None:
    """Return the one date in a text, in Arabic or Chinese digits; None where there is none or more than one."""
    spelled = plain(text)
    spelled = re.sub(r"[一二三]?十[一二三四五六七八九]?", _tens, spelled).translate(_DIGITS)
    found = list(_DATE.finditer(spelled))
    if len(found) != 1 or re.search(r"[0-9]", spelled[: found[0].start()] + spelled[found[0].end() :]):
        return None
    try:
        return date(*(int(part) for part in found[0].groups()))
    except ValueError:
        return None


def _tens(match: re.Match[str]) -> str:
    before, after = match[0].split("十")
    return f"{before or '一'}{after or '〇'}"


def _names(line: str) -> Iterator[str]:
    """Yield the names in a line of the list, without numbers and the form's dots."""
    for piece in re.split(r"[；;]", line):
        for name in _ENTRY.split(" ".join(piece.split())):
            stripped = name.strip(" \t　、，,。.…；;:：")
            if letters(stripped)[0]:
                yield stripped


def _label_end(text: str) -> int:
    """Return where a label with its remark and colon ends."""
    match = re.match(r"\s*[^:：（(\s]*\s*(?:[（(][^（()）]*[)）])?\s*[:：]?", text)
    return match.end() if match else 0


def _place(passages: Sequence[Passage]) -> Place:
    """Return where the first passage with text stands, or the first at all."""
    return next((p.place for p in passages if p.text.strip()), passages[0].place if passages else Place())
