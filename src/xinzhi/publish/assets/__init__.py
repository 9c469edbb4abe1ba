"""What is drawn with, made by others: the chart library, the fonts and the shapes of the provinces.

None of it is committed. ``make assets`` fetches the locked packages and :mod:`xinzhi.publish.assets.building`
makes of them what lies in ``built/``; an installed wheel brings it along.
"""

from __future__ import annotations

from pathlib import Path

from xinzhi.errors import CallError
from xinzhi.language import gettext as _

BUILT = Path(__file__).parent / "built"


def asset(name: str) -> Path:
    """Return the path of a built asset.

    Raises
    ------
    CallError
        If it was not built; the error says what to run.
    """
    path = BUILT / name
    if not path.exists():
        raise CallError(
            _("缺少作图和排版用的文件"),
            where=str(path),
            remedy=_("请在项目目录运行 make assets; 或重新安装 xinzhi[publish]"),
        )
    return path
