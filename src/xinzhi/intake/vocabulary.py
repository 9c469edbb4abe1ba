"""The words by which intake recognises what people send, from ``vocabulary.toml``."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated

from pydantic import Field

from xinzhi.declarations import Record, parse_declaration, read_declaration, validated
from xinzhi.forms.loading import FormError

_FILE = Path(__file__).with_name("vocabulary.toml")

Words = tuple[str, ...]
Code = Annotated[str, Field(pattern=r"^[0-9]{6}$")]


class Archives(Record):
    """What systems leave in an archive beside the files."""

    junk_names: Words
    junk_prefixes: Words
    junk_folders: Words


class MailWords(Record):
    """Marks of links to large attachments, of replies, and of mails that no person wrote."""

    link_hosts: Words
    link_words: Words
    reply_prefixes: Words
    automatic_subjects: Words
    automatic_senders: Words


class SubjectWords(Record):
    """Marks of the parts of a subject."""

    labels: Words
    name_words: Words
    person_titles: Words
    surnames: str
    double_surnames: Words

    @cached_property
    def single_surnames(self) -> frozenset[str]:
        """The surnames of one character."""
        return frozenset(self.surnames.split()[0])


class UnitWords(Record):
    """Ends of the names of governments and of bodies."""

    government: Words
    body: Words
    smaller: Words


class ClassWords(Record):
    """Words in the name of a file."""

    words: Words


class Vocabulary(Record):
    """All of it. `cities` are prefecture-level cities without county units, code to path."""

    archives: Archives
    mail: MailWords
    subject: SubjectWords
    units: UnitWords
    classes: Mapping[str, ClassWords]
    cities: Mapping[Code, str]


@cache
def vocabulary() -> Vocabulary:
    """Return the words, read once."""
    name = _FILE.name
    return validated(
        Vocabulary, parse_declaration(read_declaration(_FILE, FormError), name, FormError), name, FormError
    )
