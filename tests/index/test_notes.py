"""What must be said beside the numbers, in both languages, and nothing else."""

from __future__ import annotations

import math

import pytest

from tests.index.building import computed, panel, system
from xinzhi import compute, speaking

NAN = math.nan
GEOMETRIC = {"normalisation": {"method": "none"}, "aggregation": {"method": "geometric"}}
MANY = [f"i{n}" for n in range(13)]

CASES = [
    ("nothing", system(["a", "b"]), [[[1.0, 2], [3, 1]]], (), ()),
    (
        "missing",
        system(["a", "b"]),
        [[[1.0, NAN], [3, 1], [2, 2]]],
        ("仍缺 1 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出",),
        (
            "1 cells are still missing (see the table of missing cells); units with missing cells are weighed by "
            "the indicators they have, and the missing weight is listed",
        ),
    ),
    (
        "propagate",
        system(["a", "b"], missing={"policy": "propagate"}),
        [[[1.0, NAN], [3, 1], [2, 2]]],
        ("仍缺 1 格, 见缺失表; 有缺失的单位不给得分",),
        ("1 cells are still missing (see the table of missing cells); units with missing cells have no score",),
    ),
    (
        "threshold",
        system(["a", "b"], missing={"at_least": 0.6}),
        [[[1.0, NAN], [3, 1], [2, 2]]],
        (
            "仍缺 1 格, 见缺失表; 有缺失的单位按现有指标加权, 缺失权重已列出",
            "有数据的权重不到 60% 而不给总分的单位和年份: 1 个",
        ),
        (
            "1 cells are still missing (see the table of missing cells); units with missing cells are weighed by "
            "the indicators they have, and the missing weight is listed",
            "Units and years without a total because less than 60% of the weight has data: 1",
        ),
    ),
    (
        "empty indicator",
        system(["a", "b"]),
        [[[1.0, NAN], [3, NAN]]],
        ("没有任何数据的指标占权重 50.0%: 指标b; 因此这不是完整的指数",),
        ("Indicators without any data carry 50.0% of the weight: Indicator b; so this is not the whole index",),
    ),
    (
        "empty indicator with entropy weights",
        system(["a", "b"], weighting={"method": "entropy"}),
        [[[1.0, NAN], [3, NAN]]],
        ("权重由熵权法从数据算出", "没有任何数据的指标: 指标b; 因此这不是完整的指数"),
        (
            "The weights are entropy weights, computed from the data",
            "Indicators without any data: Indicator b; so this is not the whole index",
        ),
    ),
    (
        "years and gaps",
        system({"a": {"gap": [{"rule": "carried"}]}}, years=[2020, 2021, 2022]),
        [[[1.0], [3]], [[1.0], [3]], [[2.0], [NAN]]],
        ("按规则补齐 1 格, 见补齐表",),
        ("1 cells are filled by rule; see the table of filled cells",),
    ),
    (
        "treatment",
        system({"a": {"treatment": {"zero": {"method": "replace-zero"}}}, "b": {}}),
        [[[0.0, 1], [3, 2]]],
        ("指标a: 1 个零值以 1 代替",),
        ("Indicator a: 1 zeros replaced by 1",),
    ),
    (
        "undefined",
        system(["a", "b"], **GEOMETRIC),
        [[[-1.0, 2], [3, 1]]],
        ("公式对这些值没有定义 (零或负的基期, 负数的对数、根或几何平均), 不给得分: u0 2022 总指数",),
        (
            "The formula is not defined for these values (a base of zero or below; logarithm, root or geometric mean "
            "of a negative number), so they have no score: u0 2022 Total",
        ),
    ),
    (
        "constant",
        system(["a", "b"], years=[2021, 2022]),
        [[[1.0, 2], [1, 2]], [[5.0, 2], [5, 3]]],
        ("这些指标各单位完全相同, 不区分高低: 指标a",),
        ("These indicators are equal for all units and tell nothing apart: Indicator a",),
    ),
    ("a single unit is not called constant", system(["a"]), [[[1.0]]], (), ()),
    (
        "sampled",
        system(MANY, aggregation={"method": "geometric"}),
        [[[1.0] * 13, [2.0] * 13]],
        ("下级超过 12 项, 贡献由抽样的排列估计, 合计仍等于得分: 总指数",),
        ("With more than 12 children contributions are estimated from sampled orders; they still add up to the score: Total",),
    ),
    (
        "equal weights in a tree",
        system({"a": {"parent": "d"}, "b": {}}, {"d": {}}),
        [[[1.0, 2], [2, 1]]],
        ("每个节点的下级等权",),
        ("The children of every node have equal weights",),
    ),
    (
        "long lists",
        system(MANY),
        [[[1.0] * 13, [1.0] * 13]],
        (f"这些指标各单位完全相同, 不区分高低: {', '.join(f'指标{n}' for n in MANY[:12])} 等 13 项",),
        (
            "These indicators are equal for all units and tell nothing apart: "
            f"{', '.join(f'Indicator {n}' for n in MANY[:12])} and others, 13 in all",
        ),
    ),
]  # fmt: skip


@pytest.mark.parametrize(
    ("methodology", "values", "chinese", "english"),
    [case[1:] for case in CASES],
    ids=[case[0] for case in CASES],
)
def test_the_notes_say_this_and_no_more(methodology, values, chinese, english):
    result = computed(methodology, values)
    assert result.notes == chinese
    with speaking("en"):
        assert result.notes == english


def test_years_without_data_are_named():
    result = compute(system(["a"], years=[2021, 2022]), panel([[[1.0], [2.0]]], ["a"]))
    assert result.notes == ("数据里没有的年份: 2021",)
    with speaking("en"):
        assert result.notes == ("Years that are not in the data: 2021",)
