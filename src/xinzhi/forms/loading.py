"""Forms and calls by name or from a file, the list of published versions, and how two versions differ."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from xinzhi.declarations import Record, parse_declaration, read_declaration, validated
from xinzhi.errors import CallError, XinzhiError
from xinzhi.forms.model import Call, CaseForm, IndicatorForm
from xinzhi.language import gettext as _

LIBRARY = Path(__file__).parent / "library"
_NAME = re.compile(
    r"(?:(?P<template>[\w-]+)/)?(?P<form>[\w-]+)(?:@(?P<version>[0-9]+))?(?:\+(?P<later>[1-9][0-9]?))?"
)
_PUBLISHED = "published.csv"

AnyForm = IndicatorForm | CaseForm


class FormError(XinzhiError):
    """A declaration of a form or a call that cannot be used as it is written."""


@cache
def forms() -> tuple[str, ...]:
    """Return the names of the forms that come with the library, all versions: ``letter-2025/case@1``."""
    found = []
    for call in sorted(LIBRARY.glob("*/call.toml")):
        for path in sorted(call.parent.glob("*.v*.toml")):
            id, version = path.name.removesuffix(".toml").rsplit(".v", 1)
            found.append(f"{call.parent.name}/{id}@{version}")
    return tuple(found)


@cache
def load_form(name: str | Path) -> AnyForm:
    """Load a form by its name or from a TOML file.

    Parameters
    ----------
    name : str or Path
        ``"letter-2025/indicators@1"``; without version the newest, without template the one template that has
        it (``"indicators"``); with ``+1`` behind it the same asked for years one later; or the path of a file.

    Raises
    ------
    CallError
        If there is no such form.
    FormError
        If the file is no form; the error names file, table and key. A published version whose text has been
        changed since is refused too.
    """
    wanted = _NAME.fullmatch(str(name))
    candidates = [known for known in forms() if wanted and _answers(known, wanted)]
    templates = {known.split("/")[0] for known in candidates}
    if len(templates) == 1:
        newest = max(candidates, key=lambda known: int(known.rsplit("@", 1)[1]))
        form = _published(newest)
        if not (wanted and wanted["later"]):
            return form
        if isinstance(form, IndicatorForm):  # a case is of no year
            return form.asked_later(int(wanted["later"]))
    path = Path(name)
    if path.suffix == ".toml" and path.is_file():
        return parse_form(read_declaration(path, FormError), name=path.name)
    raise CallError(
        _("没有这份表"), where=str(name)[:200], remedy=_("可用的表: {names}").format(names=", ".join(forms()))
    )


def parse_form(text: str, *, name: str) -> AnyForm:
    """Check a TOML text and build the form it declares; `name` is what errors call it.

    Raises
    ------
    FormError
        Naming every table and key that is wrong.
    """
    document = parse_declaration(text, name, FormError)
    form: AnyForm
    match document.get("kind"):
        case "indicators":
            form = validated(IndicatorForm, document, name, FormError)
        case "case":
            form = validated(CaseForm, document, name, FormError)
        case _other:
            raise FormError(_("kind 只能是 indicators 或 case"), where=name)
    for what in _inconsistencies(form):
        raise FormError(what, where=name)
    return form


@cache
def load_call(id: str = "letter-2025") -> Call:
    """Load a call by its id.

    Raises
    ------
    CallError
        If there is no such call.
    FormError
        If its file cannot be used.
    """
    path = LIBRARY / id / "call.toml"
    if not re.fullmatch(r"[\w-]+", id) or not path.is_file():
        known = ", ".join(sorted(path.parent.name for path in LIBRARY.glob("*/call.toml")))
        raise CallError(_("没有这份征集函"), where=id[:200], remedy=_("可用: {names}").format(names=known))
    name = f"{id}/call.toml"
    return validated(
        Call, parse_declaration(read_declaration(path, FormError), name, FormError), name, FormError
    )


class Change(Record):
    """A key that two versions of a form hold differently; None where a version lacks it."""

    key: str
    before: str | None
    after: str | None


def difference(before: AnyForm, after: AnyForm) -> tuple[Change, ...]:
    """Return what changed between two versions of a form, key by key in the order of the newer one."""
    old, new = dict(_flat(before.model_dump(mode="json"))), dict(_flat(after.model_dump(mode="json")))
    keys = [*new, *(key for key in old if key not in new)]
    return tuple(
        Change(key=key, before=old.get(key), after=new.get(key))
        for key in keys
        if old.get(key) != new.get(key) and key != "version"
    )


def _answers(known: str, wanted: re.Match[str]) -> bool:
    template, rest = known.split("/")
    form, version = rest.split("@")
    return (
        form == wanted["form"]
        and wanted["template"] in (None, template)
        and wanted["version"] in (None, version)
    )


@cache
def _published(name: str) -> AnyForm:
    template, rest = name.split("/")
    id, version = rest.split("@")
    path = LIBRARY / template / f"{id}.v{version}.toml"
    text = read_declaration(path, FormError)
    form = parse_form(text, name=f"{template}/{path.name}")
    if form.name != name:
        raise FormError(_("文件名与表内的标识、版本不一致"), where=f"{template}/{path.name}")
    if _fingerprints().get(name) != fingerprint(text):
        raise FormError(
            _("已发布的版本不能改动"),
            where=f"{template}/{path.name}",
            remedy=_("请另立新版本: 文件名和 version 加一, 并在 published.csv 中登记"),
        )
    return form


def fingerprint(text: str) -> str:
    """Return the SHA-256 of what a declaration says, whatever its comments and its layout."""
    tables = TypeAdapter(Any).dump_json(tomllib.loads(text))
    return hashlib.sha256(tables).hexdigest()


@cache
def _fingerprints() -> Mapping[str, str]:
    lines = (LIBRARY / _PUBLISHED).read_text(encoding="utf-8").split()[1:]
    return dict(line.split(",") for line in lines)


def _inconsistencies(form: AnyForm) -> Iterator[str]:
    """Yield what the single keys cannot show: names that lead nowhere."""
    if isinstance(form, IndicatorForm):
        both = set(form.rows) & set(form.working)
        if both:
            yield _("rows 与 working 有相同的标识: {ids}").format(ids=", ".join(sorted(both)))
        known = {*form.rows, *form.working}
        for id, row in form.rows.items():
            if row.within and row.within not in form.rows:
                yield _("rows.{id} 的 within 没有指向任何一行: {name}").format(id=id, name=row.within)
            for formula in row.formula.values():
                if unknown := set(formula.parsed.names) - known:
                    yield _("rows.{id} 的公式用到没有的标识: {names}").format(
                        id=id, names=", ".join(sorted(unknown))
                    )
        return
    named = [id for line in form.head for id in line.fields]
    if sorted(named) != sorted(form.fields):
        yield _("head 与 fields 不一致: {ids}").format(ids=", ".join(sorted(set(named) ^ set(form.fields))))
    for id, field in form.fields.items():
        for other in (field.under, field.required_with):
            if other and other not in form.fields:
                yield _("fields.{id} 指向没有的栏目: {name}").format(id=id, name=other)


def _flat(value: Any, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, member in value.items():
            yield from _flat(member, f"{key}.{name}" if key else name)
    elif isinstance(value, list):
        for position, member in enumerate(value, start=1):
            yield from _flat(member, f"{key}[{position}]")
    else:
        yield key, "" if value is None else str(value)
