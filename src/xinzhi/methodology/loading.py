"""Methodologies by id or from a file, and back to a file: loading, copying, hashing."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from importlib import resources
from pathlib import Path
from typing import Any

import tomli_w

from xinzhi.declarations import IDENTIFIER, parse_declaration, read_declaration
from xinzhi.errors import CallError, MethodologyError, reason
from xinzhi.language import gettext as _
from xinzhi.methodology.building import build
from xinzhi.methodology.changing import with_readings, with_weights, with_years
from xinzhi.methodology.changing import without as without_indicators
from xinzhi.methodology.model import Methodology

LIBRARY = Path(str(resources.files("xinzhi.methodology") / "library"))


def methodologies() -> tuple[str, ...]:
    """Return the ids of the built-in methodologies."""
    return tuple(sorted(path.stem for path in LIBRARY.glob("*.toml")))


def load_methodology(
    id_or_path: str | Path | Methodology,
    *,
    readings: Mapping[str, str] | None = None,
    without: Iterable[str] = (),
    weights: str | Mapping[str, float] | None = None,
    years: int | Iterable[int] | None = None,
) -> Methodology:
    """Load a methodology by the id of a built-in one or the path of a TOML file, and change it as asked.

    Parameters
    ----------
    id_or_path : str, Path or Methodology
        For instance ``"province-2022"`` or ``"mine.toml"``. A methodology is taken as it is.
    readings : mapping of str to str, optional
        Reading id to option id, in place of the default options.
    without : iterable of str, optional
        Ids or tags of indicators to leave out. The weight they leave is shared among their siblings in
        proportion; a dimension left empty goes too. What a formula still needs stays as an input.
    weights : str or mapping of str to float, optional
        ``"given"``, ``"equal"`` or ``"entropy"``; or a weight for every indicator (any total above 0).
    years : int or iterable of int, optional
        The years to compute.

    Returns
    -------
    Methodology

    Raises
    ------
    CallError
        If there is no such methodology, or a change names what it does not have.
    MethodologyError
        If the file cannot be read or is not such a methodology. The error names file, table and key.
    """
    methodology = id_or_path if isinstance(id_or_path, Methodology) else _from_file(_find(id_or_path))
    if readings:
        methodology = with_readings(methodology, readings)
    if without:
        methodology = without_indicators(methodology, without)
    if weights is not None:
        methodology = with_weights(methodology, weights)
    if years is not None:
        methodology = with_years(methodology, [years] if isinstance(years, int) else years)
    return methodology


def parse_methodology(text: str, *, name: str) -> Methodology:
    """Check a TOML text and build the methodology it describes.

    Parameters
    ----------
    text : str
        TOML.
    name : str
        What errors call the text, usually a file name.
    """
    methodology = build(parse_declaration(text, name, MethodologyError), name)
    methodology._text = text
    return methodology


def methodology_hash(methodology: Methodology) -> str:
    """Return the SHA-256 of the methodology as it stands, independent of comments and order of tables.

    Only the steps of a treatment keep their order, which is the order they are applied in.
    """
    canonical = json.dumps(_canonical(methodology.document), ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def methodology_toml(methodology: Methodology) -> str:
    """Return the methodology as TOML: the text it came from, or its tables where it was changed."""
    return methodology.text or tomli_w.dumps(methodology.document)


def copied_text(id_or_path: str | Methodology, new_id: str) -> str:
    """Return the TOML text of a methodology under a new id, with ``based_on`` naming the old one.

    Comments stay, unless the text has its id in a place where it cannot be changed safely.

    Raises
    ------
    CallError
        If `new_id` cannot be an id.
    """
    methodology = load_methodology(id_or_path)
    if not re.fullmatch(IDENTIFIER, new_id):
        raise CallError(
            _("{id} 不能作方法的标识").format(id=new_id),
            remedy=_("标识只能用英文字母、数字、下划线和连字符, 并以字母开头"),
        )
    wanted = methodology.document | {"id": new_id, "based_on": methodology.id}
    text = _renamed(methodology.text, new_id, methodology.id)
    try:
        kept = tomllib.loads(text) == wanted
    except tomllib.TOMLDecodeError:
        kept = False
    return text if kept else tomli_w.dumps(wanted)


def figures_path(methodology: Methodology) -> Path | None:
    """Return the table of figures that comes with the methodology, if there is one.

    It lies beside the methodology's own file or, for a copy of a built-in one, in the library.
    """
    if not methodology.figures:
        return None
    for folder in (methodology.folder, LIBRARY):
        if folder is not None and (folder / methodology.figures).is_file():
            return folder / methodology.figures
    raise MethodologyError(
        _("找不到随附的数据表"),
        where=f"{methodology.id}: figures = {methodology.figures}",
        remedy=_("请把数据表放在方法文件旁边, 或删去 figures 一行"),
    )


def check_readings(methodology: Methodology) -> None:
    """Check that every option of every reading gives a valid methodology.

    Raises
    ------
    MethodologyError
        Naming the reading and option at fault.
    """
    for id, reading in methodology.readings.items():
        for option in reading.options:
            try:
                with_readings(methodology, {id: option})
            except MethodologyError as error:
                raise MethodologyError(
                    f"{error.where}: {error.what}" if error.where else error.what,
                    where=_("读法 {reading} 取 {option} 时").format(reading=id, option=option),
                    remedy=error.remedy,
                ) from error


# --- finding and reading ---------------------------------------------------------------------------------


def _find(id_or_path: str | Path) -> Path:
    if str(id_or_path) in methodologies():
        return LIBRARY / f"{id_or_path}.toml"
    path = Path(id_or_path)
    try:
        if path.is_file():
            return path
        what = _("这是文件夹, 不是方法文件") if path.is_dir() else _("没有这个方法, 也没有这个文件")
    except OSError as error:
        what = _("读不出来: {reason}").format(reason=reason(error))
    raise CallError(
        what,
        where=str(id_or_path)[:200],
        remedy=_("内置方法: {ids}").format(ids=", ".join(methodologies())),
    )


def _from_file(path: Path) -> Methodology:
    methodology = parse_methodology(read_declaration(path, MethodologyError), name=path.name)
    methodology._folder = path.parent
    return methodology


# --- writing ---------------------------------------------------------------------------------------------


def _renamed(text: str, new_id: str, old_id: str) -> str:
    """Put the new id into the lines above the first table; everything else stays as it is."""
    head, bracket, rest = re.match(r"(?s)(.*?)(^[ \t]*\[|\Z)(.*)", text, re.MULTILINE).groups()  # type: ignore[union-attr]
    head = re.sub(r"(?m)^[ \t]*based_on[ \t]*=.*\n?", "", head)
    line = f'id = "{new_id}"\nbased_on = "{old_id}"'
    head = re.sub(r"""(?m)^[ \t]*id[ \t]*=[ \t]*("[^"\n]*"|'[^'\n]*')""", lambda _match: line, head, count=1)
    return head + bracket + rest


def _canonical(value: Any, *, in_order: bool = False) -> Any:
    if isinstance(value, dict):
        members = {key: _canonical(member, in_order=key == "treatment") for key, member in value.items()}
        return list(members.items()) if in_order else dict(sorted(members.items()))
    return [_canonical(member) for member in value] if isinstance(value, list) else value
