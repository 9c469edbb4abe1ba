"""What a person chooses to compute with: a methodology of the library or a file, weights by method or by experts."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from typing import Any

from django.core.files.uploadedfile import UploadedFile

from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.sheets import table_of
from xinzhi.declarations import Text
from xinzhi.errors import MethodologyError
from xinzhi.index.weights.survey import experts_of, survey
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology, load_methodology, methodologies
from xinzhi.methodology.loading import parse_methodology

LARGEST = 2_000_000
"""Bytes of a methodology or of a sheet; both are a few kilobytes."""

OWN, SHEET = "", "sheet"

WEIGHTS: Mapping[str, Text] = {
    OWN: Text(zh="方法自带的权重", en="The methodology's own"),
    "equal": Text(zh="等权重", en="Equal"),
    "entropy": Text(zh="熵权法", en="Entropy"),
    "critic": Text(zh="CRITIC 法", en="CRITIC"),
    "variation": Text(zh="变异系数法", en="Coefficient of variation"),
    "pca": Text(zh="主成分分析", en="Principal components"),
    SHEET: Text(zh="专家打分表 (上传)", en="Sheet of experts (upload)"),
}


def methodologies_for(level: str) -> list[Methodology]:
    """Return the methodologies of the library that score units of a level."""
    return [m for m in map(load_methodology, methodologies()) if m.level == level]


def methodology_of(id: str, file: UploadedFile[Any] | None) -> Methodology:
    """Return the methodology that was uploaded or, without a file, the one of the library.

    Raises
    ------
    XinzhiError
        If there is none of this id, or the file is none.
    """
    if file is None:
        if id not in methodologies():
            raise Refused(_("没有这个内置方法"), where=id[:60])
        return load_methodology(id)
    name = PurePath(file.name or "").name
    try:
        text = _content(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise MethodologyError(_("方法文件应当是 UTF-8 编码的 TOML"), where=name) from error
    return parse_methodology(text, name=name)


def weights_of(method: str, file: UploadedFile[Any] | None, methodology: Methodology) -> dict[str, Any]:
    """Return the weights as results keep them. Of a sheet of experts only their number is kept, not who they are.

    Raises
    ------
    XinzhiError
        If the method is unknown, or the sheet is missing or wrong, naming row and column.
    """
    if method == OWN:
        return {}
    if method != SHEET:
        if method not in WEIGHTS:
            raise Refused(_("没有这种赋权方法"), where=method[:60])
        return {"method": method}
    if file is None:
        raise Refused(_("请上传专家打分表"), where=str(WEIGHTS[SHEET]))
    name = PurePath(file.name or "").name[-100:]
    found = survey([table_of(_content(file), name)], methodology)
    return {
        "of": dict(found.indicator_weights(methodology)),
        "sheet": name,
        "experts": len(experts_of(found.rounds[-1])),
    }


def _content(file: UploadedFile[Any]) -> bytes:
    if (file.size or 0) > LARGEST:
        raise Refused(_("文件超过 2 MB, 不会是方法或打分表"), where=PurePath(file.name or "").name[-100:])
    content: bytes = file.read()
    return content
