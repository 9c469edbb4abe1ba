"""Two small methodologies: one of firms, whose codes are taken as they are, and one of provinces."""

from __future__ import annotations

import pytest

from xinzhi.methodology import Methodology, parse_methodology

_TEXT = """
id = "small"
title = {{ zh = "小例", en = "Small" }}
level = "{level}"
years = [2021, 2022]
weighting = {{ method = "equal" }}

[source]
citation = {{ zh = "自拟" }}

[root]
title = {{ zh = "总指数" }}

[indicators.gdp]
title = {{ zh = "地区生产总值", en = "GDP" }}
unit = "亿元"
direction = "positive"
limits = [0, 1e9]
aliases = ["国内生产总值"]

[indicators.rd]
title = {{ zh = "研发强度", en = "R&D intensity" }}
unit = "%"
direction = "positive"

[indicators.per_head]
title = {{ zh = "人均产值" }}
unit = "万元/人"
direction = "positive"
formula = "gdp / people"
formula_use = "always"

[inputs.people]
title = {{ zh = "人口", en = "Population" }}
unit = "万人"
decimals = 0
"""


def _methodology(level: str) -> Methodology:
    return parse_methodology(_TEXT.format(level=level), name="small.toml")


@pytest.fixture(scope="session")
def firms() -> Methodology:
    return _methodology("firm")


@pytest.fixture(scope="session")
def provinces() -> Methodology:
    return _methodology("province")
