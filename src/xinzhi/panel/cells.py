"""The text of one cell and what it says: a number, or a mark with a declared meaning; never a guess."""

from __future__ import annotations

import re

from xinzhi.errors import PanelError
from xinzhi.language import gettext as _
from xinzhi.language import half_width
from xinzhi.panel.panel import Status

LARGEST = 1e15
"""No figure of a panel is larger; one that seems to be is a slip of the keyboard or of a unit."""

NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
"""A plain decimal: ASCII digits alone, where ``float`` takes ``1_000`` and Arabic digits too."""

FORMULA = "=?"
"""Stands in a table for an Excel formula that was saved without its value."""

_NUMBER = re.compile(NUMBER)
_GROUPED = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?")
_DATE = re.compile(
    r"[0-9]{4}[-/.年][0-9]{1,2}([-/.月].*)?|[0-9]{1,2}/[0-9]{1,2}/[0-9]{2,4}|[0-9]{2}:[0-9]{2}.*"
)
_EXCEL_ERRORS = {"#ref!", "#div/0!", "#n/a", "#name?", "#null!", "#num!", "#value!", "#spill!", "#calc!"}
_MARKS = {
    "不适用": Status.NOT_APPLICABLE,
    "n/a": Status.NOT_APPLICABLE,
    "not applicable": Status.NOT_APPLICABLE,
    "未要求": Status.NOT_ASKED,
    "未要求填报": Status.NOT_ASKED,
    "not asked": Status.NOT_ASKED,
}
_VAGUE = {
    "/",
    "\\",
    "*",
    ".",
    "无",
    "空",
    "缺",
    "缺失",
    "暂无",
    "暂缺",
    "未知",
    "na",
    "null",
    "none",
    "nil",
    "missing",
}
_DASHES = set("-—–―−_~…‥·.")


def read_cell(text: str, *, percent: bool = False) -> float | Status:
    """Return the number in a cell, or the status that its mark declares.

    Parameters
    ----------
    text : str
        What stands in the cell.
    percent : bool
        Whether the unit of measure is %, so that a percent sign after the number says nothing new.

    Raises
    ------
    PanelError
        If the cell holds anything else: text, a dash, NaN, an infinity, a number beyond :data:`LARGEST`,
        a date, a truth value, an Excel error or a formula without a value.
    """
    plain = half_width(text).replace("\u2212", "-")
    key = plain.casefold()
    if not plain:
        return Status.MISSING
    if key in _MARKS:
        return _MARKS[key]
    digits = plain[:-1].rstrip() if percent and plain.endswith("%") else plain
    if _GROUPED.fullmatch(digits):
        digits = digits.replace(",", "")
    if _NUMBER.fullmatch(digits):
        number = float(digits)
        if abs(number) > LARGEST:
            raise PanelError(_("“{text}”太大").format(text=_short(text)), remedy=_("请检查数字和计量单位"))
        return number
    raise _refusal(text, plain, key)


def _refusal(text: str, plain: str, key: str) -> PanelError:
    shown = _short(text)
    if plain == FORMULA:
        return PanelError(
            _("公式没有算出的值"), remedy=_("请在 Excel 或 WPS 中打开并保存一次, 或把公式粘贴为数值")
        )
    if key in _EXCEL_ERRORS:
        return PanelError(_("公式出错: {text}").format(text=shown), remedy=_("请改正公式, 或填写数字"))
    if key in _VAGUE or set(plain) <= _DASHES:
        return PanelError(
            _("“{text}”的意思不明确").format(text=shown),
            remedy=_("缺失请留空; 数值为零请写 0; 不适用请写“不适用”"),
        )
    if key.lstrip("+-") in {"nan", "inf", "infinity", "∞"}:
        return PanelError(_("“{text}”不是有限的数").format(text=shown), remedy=_("缺失请留空"))
    if key in {"true", "false", "是", "否"}:
        return PanelError(_("“{text}”是逻辑值, 不是数").format(text=shown), remedy=_("请填写数字, 或留空"))
    if _DATE.fullmatch(plain):
        return PanelError(_("“{text}”是日期, 不是数").format(text=shown), remedy=_("请把单元格改为数字格式"))
    if plain.endswith("%"):
        return PanelError(
            _("“{text}”带百分号, 而这一项的单位不是 %").format(text=shown),
            remedy=_("请按方法规定的计量单位填写, 不带百分号"),
        )
    if "," in plain and _NUMBER.fullmatch(plain.replace(",", "")):
        return PanelError(_("“{text}”的千分位不对").format(text=shown), remedy=_("请去掉数字里的逗号"))
    return PanelError(_("“{text}”不是数").format(text=shown), remedy=_("请填写数字, 单位写在表头里"))


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"
