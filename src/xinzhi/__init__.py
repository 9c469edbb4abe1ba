"""Xinzhi (新质): from a methodology and data to an index whose every number can be traced.

>>> import xinzhi
>>> result = xinzhi.compute("province-open")          # doctest: +SKIP
>>> print(result.trace("北京", year=2022))             # doctest: +SKIP
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xinzhi.errors import XinzhiError as XinzhiError
    from xinzhi.index import compute as compute
    from xinzhi.index import load_result as load_result
    from xinzhi.language import set_language as set_language
    from xinzhi.language import speaking as speaking
    from xinzhi.methodology import load_methodology as load_methodology
    from xinzhi.panel import read_panel as read_panel
    from xinzhi.panel import write_template as write_template
    from xinzhi.reproduction import reproduce as reproduce

__version__ = "0.1.0"

# Loaded on first use, so that `import xinzhi` costs nothing.
_HOMES = {
    "XinzhiError": "xinzhi.errors",
    "compute": "xinzhi.index",
    "load_methodology": "xinzhi.methodology",
    "load_result": "xinzhi.index",
    "read_panel": "xinzhi.panel",
    "reproduce": "xinzhi.reproduction",
    "set_language": "xinzhi.language",
    "speaking": "xinzhi.language",
    "write_template": "xinzhi.panel",
}

__all__ = ["__version__", *sorted(_HOMES)]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module 'xinzhi' has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
