"""The templates of the findings (``findings.toml``): their grammar, checked when they are read, and their words.

A template is a sentence with places in braces. A place names a fact of the finding; ``{change|direction}`` puts
the word of a vocabulary that follows the figure. The rules, which every template keeps:

* both languages have the same places;
* no digit stands in the words: every figure comes from a fact;
* no word of a sign vocabulary stands in the words: what rose or fell is said by the figure itself;
* a figure without its sign (a magnitude) has the word that follows its sign in the same sentence;
* every place names a fact that the finding declares.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from xinzhi.declarations import Record, Text, parse_declaration, read_declaration, validated
from xinzhi.errors import XinzhiError
from xinzhi.language import current_language
from xinzhi.language import gettext as _

_FILE = Path(__file__).parent / "findings.toml"
_PLACE = re.compile(r"\{([a-z_]+)(?:\|([a-z_]+))?\}")


class TemplateError(XinzhiError):
    """Templates that break the grammar."""


class Vocabulary(Record):
    """Words that follow a figure: by its sign, or by whether it is one (``up`` for one, ``same`` for others)."""

    by: Literal["sign", "number"]
    up: Text
    same: Text
    down: Text | None = None

    def word(self, value: float) -> str:
        """Return the word for a figure, in the language in force."""
        if self.by == "number":
            return str(self.up if value == 1 else self.same)
        return str(self.up if value > 0 else self.same if value == 0 or self.down is None else self.down)


class Template(Record):
    """One sentence in both languages."""

    zh: str
    en: str


class Sentence(Record):
    """A finding: the facts it may name, those that are magnitudes, and a sentence for each case."""

    facts: tuple[str, ...]
    magnitudes: tuple[str, ...] = ()
    cases: Mapping[str, Template]


class Grammar(Record):
    """All vocabularies and findings."""

    vocabularies: Mapping[str, Vocabulary]
    findings: Mapping[str, Sentence]


@dataclass(frozen=True, slots=True)
class Place:
    """A place in a template: a fact, and the vocabulary whose word follows it."""

    fact: str
    vocabulary: str = ""


@cache
def grammar() -> Grammar:
    """Return the templates that come with the library."""
    return read_grammar(_FILE)


def read_grammar(path: Path) -> Grammar:
    """Read templates.

    Raises
    ------
    TemplateError
        If the file cannot be read, or a template breaks a rule; the error names finding, case and language.
    """
    document = parse_declaration(read_declaration(path, TemplateError), path.name, TemplateError)
    found: Grammar = validated(Grammar, document, path.name, TemplateError)
    for name, finding in found.findings.items():
        for case, template in finding.cases.items():
            for problem in _problems(found, finding, template):
                raise TemplateError(problem, where=f"{path.name}, findings.{name}.cases.{case}")
    return found


def pieces(template: str) -> Iterator[str | Place]:
    """Yield the words and the places of a template in their order."""
    end = 0
    for match in _PLACE.finditer(template):
        if template[end : match.start()]:
            yield template[end : match.start()]
        yield Place(match[1], match[2] or "")
        end = match.end()
    if template[end:]:
        yield template[end:]


def template_of(finding: str, case: str) -> str:
    """Return the template of a case in the language in force."""
    template = grammar().findings[finding].cases[case]
    return template.en if current_language() == "en" else template.zh


def _problems(found: Grammar, finding: Sentence, template: Template) -> Iterator[str]:
    places = {language: _places(text) for language, text in _texts(template)}
    if set(places["zh"]) != set(places["en"]):
        yield _("中英文的占位不同")
    for language, text in _texts(template):
        words = "".join(piece for piece in pieces(text) if isinstance(piece, str))
        if re.search(r"[\d{}]", words):
            yield _("{language}: 文字里有数字或花括号").format(language=language)
        for word in _sign_words(found, language):
            if _stands(word, words, language):
                yield _("{language}: “{word}”要由数值决定, 不能写在文字里").format(
                    language=language, word=word
                )
        for place in places[language]:
            if place.fact not in finding.facts:
                yield _("{language}: 没有声明的事实 {fact}").format(language=language, fact=place.fact)
            if place.vocabulary and place.vocabulary not in found.vocabularies:
                yield _("{language}: 没有词表 {name}").format(language=language, name=place.vocabulary)
        signed = {place.fact for place in places[language] if _is_sign(found, place)}
        for fact in (p.fact for p in places[language] if not p.vocabulary and p.fact in finding.magnitudes):
            if fact not in signed:
                yield _("{language}: {fact} 不带正负号, 同一句里要有方向词").format(
                    language=language, fact=fact
                )


def _texts(template: Template) -> tuple[tuple[Literal["zh", "en"], str], ...]:
    return (("zh", template.zh), ("en", template.en))


def _places(text: str) -> list[Place]:
    return [piece for piece in pieces(text) if isinstance(piece, Place)]


def _is_sign(found: Grammar, place: Place) -> bool:
    vocabulary = found.vocabularies.get(place.vocabulary)
    return vocabulary is not None and vocabulary.by == "sign"


def _sign_words(found: Grammar, language: Literal["zh", "en"]) -> Iterator[str]:
    for vocabulary in found.vocabularies.values():
        if vocabulary.by == "sign":
            for text in (vocabulary.up, vocabulary.same, vocabulary.down):
                if text is not None:
                    yield text.zh if language == "zh" else text.en


def _stands(word: str, words: str, language: str) -> bool:
    return word in words if language == "zh" else re.search(rf"\b{re.escape(word)}\b", words) is not None
