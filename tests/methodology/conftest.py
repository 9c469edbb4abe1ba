"""One small good methodology, and a way to spoil it in one place."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from xinzhi import XinzhiError
from xinzhi.language import speaking
from xinzhi.methodology import Methodology, parse_methodology

SMALL = """
# A comment that a copy keeps.
id = "small"
title = { zh = "小例", en = "Small" }
level = "firm"
years = [2020, 2021, 2022]
weighting = { method = "given" }

[source]
citation = { zh = "自拟", en = "Made up" }

[root]
id = "total"
title = { zh = "总指数", en = "Total" }
weight = 100

[dimensions.size]
title = { zh = "规模", en = "Size" }
weight = 60

[dimensions.people]
title = { zh = "人员", en = "People" }
parent = "size"
weight = 20

[dimensions.growth]
title = { zh = "成长", en = "Growth" }

[indicators.output]
title = { zh = "产值", en = "Output" }
parent = "size"
weight = 40
unit = "亿元"
direction = "positive"
limits = [0.0, 1e6]
gap = [{ rule = "growth" }, { rule = "year", year = 2022, use = 2023 }]
tags = ["money"]

[indicators.staff]
title = { zh = "员工", en = "Staff" }
parent = "people"
weight = 15
direction = "positive"

[indicators.turnover]
title = { zh = "离职率", en = "Turnover" }
parent = "people"
weight = 5
direction = "negative"
normalisation = { method = "goalposts", lower = 0.0, upper = 50.0 }

[indicators.productivity]
title = { zh = "人均产值", en = "Output per head" }
parent = "growth"
weight = 40
direction = "positive"
formula = "output / staff * scale_factor"
tags = ["money"]

[inputs.scale_factor]
title = { zh = "系数", en = "Factor" }

[readings.posts]
title = { zh = "目标值", en = "Goalposts" }
passage = { zh = "以五十为限", en = "fifty is the limit" }
default = "fifty"

[readings.posts.options.fifty]
title = { zh = "五十", en = "fifty" }

[readings.posts.options.observed]
title = { zh = "实测", en = "as observed" }

[readings.posts.options.observed.set.indicators.turnover]
normalisation = { method = "minmax" }

[readings.posts.options.capless]
title = { zh = "不封顶", en = "not capped" }

[readings.posts.options.capless.set.indicators.turnover]
normalisation = { cap = false }
"""


def spoiled(*changes: tuple[str, str]) -> str:
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def assert_error(call: Callable[[], object], kind: type[XinzhiError], message: str) -> None:
    """Assert the whole Chinese message, and that the English one holds no Chinese but the input's own."""
    with pytest.raises(XinzhiError) as caught:
        call()
    assert type(caught.value) is kind
    assert str(caught.value) == message
    with speaking("en"), pytest.raises(XinzhiError) as english:
        call()
    left = re.sub("员工|小例|方法一|产值", "", str(english.value))
    assert not re.search("[一-鿿]", left), left


@pytest.fixture
def small() -> Methodology:
    return parse_methodology(SMALL, name="small.toml")
