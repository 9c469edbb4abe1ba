"""Every way in which a methodology can be wrong, each with its whole message."""

from __future__ import annotations

import os
from functools import partial

import pytest

from tests.methodology.conftest import SMALL, assert_error, spoiled
from xinzhi.errors import CallError, MethodologyError
from xinzhi.methodology import check_readings, load_methodology, parse_methodology


def parse(text):
    return parse_methodology(text, name="small.toml")


def test_the_small_one_is_good(small):
    assert small.id == "small"
    assert small.tree.nodes == (
        "total", "size", "people", "staff", "turnover", "output", "growth", "productivity",
    )  # fmt: skip
    assert small.tree.leaves == ("staff", "turnover", "output", "productivity")
    assert small.tree.parent["people"] == "size"
    assert small.tree.depth("staff") == 3
    assert small.tree.leaves_under("size") == ("staff", "turnover", "output")
    assert small.chosen_readings == {"posts": "fifty"}
    check_readings(small)


OUTPUT = 'weight = 40\nunit = "亿元"'
TURNOVER = '{ method = "goalposts", lower = 0.0, upper = 50.0 }'
METHODS = "minmax, goalposts, base, zscore, rank, percentile, reference, ampi, none"
LOWER_CASE = "标识只能用小写英文字母、数字和下划线, 并以小写字母开头"
ANY_CASE = "标识只能用英文字母、数字、下划线和连字符, 并以字母开头"

TYPES = {
    "missing key": ('level = "firm"\n', "", "small.toml level: 缺少这一项"),
    "missing key in a table": (
        'citation = { zh = "自拟", en = "Made up" }',
        "",
        "small.toml [source] citation: 缺少这一项",
    ),
    "missing method": (
        'weighting = { method = "given" }',
        "weighting = {}",
        "small.toml weighting: 缺少 method 一项",
    ),
    "missing rule": (
        '{ rule = "growth" }',
        "{}",
        "small.toml [indicators.output] gap 第 1 项: 缺少 rule 一项",
    ),
    "unknown key": (
        'unit = "亿元"',
        'units = "亿元"',
        "small.toml [indicators.output] units: 没有这一项, 请检查拼写",
    ),
    "unknown key at the top": (
        'level = "firm"',
        'level = "firm"\ncolour = 1',
        "small.toml colour: 没有这一项, 请检查拼写",
    ),
    "option of another method": (
        "lower = 0.0,",
        "scope = 'year', lower = 0.0,",
        "small.toml [indicators.turnover.normalisation] scope: 没有这一项, 请检查拼写",
    ),
    "unknown method": (
        "goalposts",
        "min-max",
        f"small.toml [indicators.turnover] normalisation: 未知的方法 min-max; 可用: {METHODS}",
    ),
    "unknown weighting": (
        '"given"',
        '"ahp"',
        "small.toml weighting: 未知的方法 ahp; 可用: given, equal, entropy, critic, variation, pca, factor, scatter",
    ),
    "unknown gap rule": (
        'rule = "growth"',
        'rule = "spline"',
        "small.toml [indicators.output] gap 第 1 项: 未知的方法 spline; "
        "可用: growth, linear, carried, year, group",
    ),
    "text for a number": (
        OUTPUT,
        'weight = "40"',
        "small.toml [indicators.output] weight: 类型不对, 写的是 40",
    ),
    "truth for a number": (
        OUTPUT,
        "weight = true",
        "small.toml [indicators.output] weight: 类型不对, 写的是 True",
    ),
    "number for a text": (
        'unit = "亿元"',
        "unit = 1",
        "small.toml [indicators.output] unit: 类型不对, 写的是 1",
    ),
    "number for a table": (
        '{ zh = "员工", en = "Staff" }',
        "1",
        "small.toml [indicators.staff] title: 类型不对, 写的是 1",
    ),
    "text for a table": (
        '[inputs.scale_factor]\ntitle = { zh = "系数", en = "Factor" }',
        '[inputs]\nscale_factor = "1"',
        "small.toml [inputs] scale_factor: 类型不对, 写的是 1",
    ),
    "fraction for a year": ("[2020,", "[2020.5,", "small.toml years 第 1 项: 类型不对, 写的是 2020.5"),
    "year of none": ("[2020,", "[0,", "small.toml years 第 1 项: 应当 >= 1"),
    "a date": (
        "[2020,",
        "[2020-01-01,",
        "small.toml years[0]: 类型不对, 写的是 2020-01-01",
    ),
    "list for a method": (
        'weighting = { method = "given" }',
        'weighting = ["given"]',
        "small.toml weighting: 类型不对, 写的是 ['given']",
    ),
    "wrong literal": (
        '"negative"',
        '"down"',
        "small.toml [indicators.turnover] direction: 只能是 positive, negative",
    ),
    "one limit": ("[0.0, 1e6]", "[0.0]", "small.toml [indicators.output] limits 第 2 项: 缺少这一项"),
    "three limits": ("[0.0, 1e6]", "[0, 1, 2]", "small.toml [indicators.output] limits: 最多 2 项"),
    "nan": (OUTPUT, "weight = nan", "small.toml [indicators.output] weight: 必须是有限的数"),
    "inf": (OUTPUT, "weight = inf", "small.toml [indicators.output] weight: 必须是有限的数"),
    "a number without end": (
        OUTPUT,
        f"weight = 1{'0' * 400}",
        "small.toml [indicators.output] weight: 必须是有限的数",
    ),
    "negative weight": (OUTPUT, "weight = -1", "small.toml [indicators.output] weight: 应当 >= 0.0"),
    "zero of the root": ("weight = 100", "weight = 0", "small.toml [root] weight: 应当 > 0.0"),
    "decimals": ('unit = "亿元"', "decimals = 13", "small.toml [indicators.output] decimals: 应当 <= 12"),
    "bad id": ("[indicators.staff]", "[indicators.Staff]", f"small.toml [indicators] Staff: {LOWER_CASE}"),
    "bad id of the methodology": ('id = "small"', 'id = "小例"', f"small.toml id: {ANY_CASE}"),
    "bad id of an option": (
        "[readings.posts.options.fifty]",
        '[readings.posts.options."1"]',
        f"small.toml [readings.posts.options] 1: {ANY_CASE}",
    ),
    "long id": ('id = "small"', f'id = "{"a" * 61}"', "small.toml id: 最长 60 个字符"),
    "empty text": ('zh = "员工"', 'zh = ""', "small.toml [indicators.staff.title] zh: 不能为空"),
    "no years": ("[2020, 2021, 2022]", "[]", "small.toml years: 不能为空"),
    "figures in another folder": (
        'level = "firm"',
        'level = "firm"\nfigures = "../a.csv"',
        "small.toml figures: 只能写文件名, 不能带文件夹",
    ),
    "base year neither number nor name": (
        TURNOVER,
        '{ method = "base", year = "first" }',
        "small.toml [indicators.turnover.normalisation] year: 类型不对, 写的是 first; 只能是 first-positive",
    ),
}


@pytest.mark.parametrize("case", TYPES)
def test_types(case):
    old, new, message = TYPES[case]
    assert_error(partial(parse, spoiled((old, new))), MethodologyError, message)


RULES = {
    "weights of a dimension": (
        "weight = 15",
        "weight = 16",
        "small.toml [dimensions.people] weight: 下级权重合计 21, 与本级权重 20 不符\n"
        "请修改 staff, turnover 的权重",
    ),
    "weights of the root": (
        "weight = 100",
        "weight = 99.999999",
        "small.toml [root] weight: 下级权重合计 100, 与本级权重 99.999999 不符\n请修改 size, growth 的权重",
    ),
    "missing weight": (
        "weight = 15\n",
        "",
        "small.toml [indicators.staff] weight: 缺少权重\n请给出权重, 或把 weighting 改为 equal 或 entropy",
    ),
    "unknown parent": (
        'parent = "growth"',
        'parent = "grwth"',
        "small.toml [indicators.productivity] parent: 上级 grwth 不存在\n可用: total, size, people, growth",
    ),
    "indicator as parent": (
        'parent = "growth"',
        'parent = "output"',
        "small.toml [indicators.productivity] parent: 上级 output 不存在\n可用: total, size, people, growth",
    ),
    "unknown parent of a dimension": (
        'en = "People" }\nparent = "size"',
        'en = "People" }\nparent = "sizes"',
        "small.toml [dimensions.people] parent: 上级 sizes 不存在\n可用: total, size, people, growth",
    ),
    "cycle": (
        'en = "Size" }',
        'en = "Size" }\nparent = "people"',
        "small.toml [dimensions.size] parent: 上级关系成环: size → people → size\n请让每个维度最终归到总指数",
    ),
    "cycle of one": (
        'en = "Growth" }',
        'en = "Growth" }\nparent = "growth"',
        "small.toml [dimensions.growth] parent: 上级关系成环: growth → growth\n请让每个维度最终归到总指数",
    ),
    "doubled id": (
        "[inputs.scale_factor]",
        "[inputs.size]",
        "small.toml [inputs.size]: 标识重复\n每个节点和变量的标识只能用一次",
    ),
    "id of the root": (
        'id = "total"',
        'id = "output"',
        "small.toml [indicators.output]: 标识重复\n每个节点和变量的标识只能用一次",
    ),
    "empty dimension": (
        "[dimensions.growth]",
        '[dimensions.none]\ntitle = { zh = "空" }\n\n[dimensions.growth]',
        "small.toml [dimensions.none]: 这个维度下没有指标\n请补充指标或删去该维度",
    ),
    "unknown name in a formula": (
        'scale_factor"',
        'factor + x"',
        "small.toml [indicators.productivity] formula: 公式里的 factor, x 不是指标也不是 inputs\n"
        "请在 [inputs] 中声明, 或改正拼写",
    ),
    "derived from derived": (
        '* scale_factor"',
        '* productivity"',
        "small.toml [indicators.productivity] formula: 公式引用了另一个公式指标 productivity\n"
        "公式只能引用直接填报的变量",
    ),
    "formula": (
        '* scale_factor"',
        '* "',
        "small.toml [indicators.productivity] formula: 公式写法不对: output / staff * \n"
        "公式只能由变量名、数字、+ - * / ** 和括号组成",
    ),
    "goalposts": (
        "upper = 50.0",
        "upper = 0.0",
        "small.toml [indicators.turnover.normalisation] upper: upper 应当大于 lower",
    ),
    "goalposts in logarithms": (
        "upper = 50.0",
        "upper = 50.0, log = true",
        "small.toml [indicators.turnover.normalisation] lower: 取对数时 lower 应当大于 0",
    ),
    "lowest of everybody": (
        'level = "firm"',
        'level = "firm"\nnormalisation = { method = "minmax", lowest = 100.0 }',
        "small.toml [normalisation] lowest: lowest 应当小于 scale",
    ),
    "reference of zero": (
        TURNOVER,
        '{ method = "reference", to = 0.0 }',
        "small.toml [indicators.turnover.normalisation] to: 应当 > 0",
    ),
    "base year": (
        TURNOVER,
        '{ method = "base", year = 2019 }',
        "small.toml [indicators.turnover.normalisation] year: 基期 2019 不在 years 之内\n请把基期列入 years",
    ),
    "reference year of AMPI": (
        'level = "firm"',
        'level = "firm"\nnormalisation = { method = "ampi", year = 2023 }',
        "small.toml [normalisation] year: 基期 2023 不在 years 之内\n请把基期列入 years",
    ),
    "exponent": (
        'en = "Growth" }',
        'en = "Growth" }\naggregation = { method = "power", exponent = 0.0 }',
        "small.toml [dimensions.growth.aggregation] exponent: exponent 不能为 0\n"
        "指数为 0 的幂平均就是几何平均, 请写 geometric",
    ),
    "limits": (
        "[0.0, 1e6]",
        "[1.0, 1.0]",
        "small.toml [indicators.output] limits: 下限应当小于上限",
    ),
    "the same year": (
        "use = 2023",
        "use = 2022",
        "small.toml [indicators.output] gap 第 2 项 use: use 应当是另一个年份",
    ),
    "years unsorted": ("[2020, 2021,", "[2021, 2020,", "small.toml years: 年份应当从小到大, 不重复"),
    "years doubled": ("[2020, 2021,", "[2020, 2020,", "small.toml years: 年份应当从小到大, 不重复"),
    "unknown default": (
        'default = "fifty"',
        'default = "sixty"',
        "small.toml [readings.posts] default: 没有这个选项: sixty\n可选: fifty, observed, capless",
    ),
    "default that is no text": (
        'default = "fifty"',
        'default = ["fifty"]',
        "small.toml [readings.posts] default: 类型不对, 写的是 ['fifty']",
    ),
    "no default": ('default = "fifty"\n', "", "small.toml [readings.posts] default: 缺少这一项"),
    "patch that is no table": (
        'en = "as observed" }\n\n[readings.posts.options.observed.set.indicators.turnover]\n'
        'normalisation = { method = "minmax" }',
        'en = "as observed" }\nset = 1',
        "small.toml [readings.posts.options.observed] set: 类型不对, 写的是 1",
    ),
    "patch of the readings": (
        "[readings.posts.options.observed.set.indicators.turnover]",
        "[readings.posts.options.observed.set.readings.posts]",
        "small.toml [readings.posts.options]: 读法不能改 readings.posts.normalisation",
    ),
}


@pytest.mark.parametrize("case", RULES)
def test_rules(case):
    old, new, message = RULES[case]
    assert_error(partial(parse, spoiled((old, new))), MethodologyError, message)


def test_region_scheme():
    text = spoiled(('level = "firm"', 'level = "firm"\nregions = "nbs-5"'))
    with pytest.raises(MethodologyError) as caught:
        parse(text)
    assert caught.value.where == "small.toml regions"
    assert "nbs-5" in caught.value.what


def test_weights_need_not_add_up_where_they_are_not_given():
    parse(spoiled(('"given"', '"equal"'), ("weight = 15\n", "")))


def test_a_dimension_may_weigh_nothing():
    small = parse(
        spoiled(("weight = 100", "weight = 60"), ("weight = 40\ndirection", "weight = 0\ndirection"))
    )
    assert small.indicators["productivity"].weight == 0


def test_several_errors_are_told_at_once():
    text = spoiled((OUTPUT, "weight = -1"), ('"negative"', '"down"'))
    message = (
        "small.toml [indicators.output] weight: 应当 >= 0.0\n"
        "small.toml [indicators.turnover] direction: 只能是 positive, negative"
    )
    assert_error(partial(parse, text), MethodologyError, message)


def test_no_more_errors_than_one_reads():
    text = SMALL + "".join(f"[indicators.x{i:02}]\n" for i in range(30))
    lines = [
        f"small.toml [indicators.x{i:02}] {key}: 缺少这一项"
        for i in range(10)
        for key in ("title", "direction")
    ]
    assert_error(partial(parse, text), MethodologyError, "\n".join([*lines, "另有 40 处"]))


def test_empty_tables():
    head, tables = SMALL.split("[dimensions.size]")
    inputs = "[inputs" + tables.split("[inputs")[1].split("[readings")[0]
    assert_error(
        partial(parse, head + inputs + "[indicators]\n"), MethodologyError, "small.toml indicators: 不能为空"
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            spoiled(('id = "small"', "id = small")),
            "small.toml 第 3 行第 6 列: 不是合法的 TOML\n请检查该处的引号、括号和等号",
        ),
        (SMALL + 'x = "', "small.toml 文件末尾: 不是合法的 TOML\n请检查该处的引号、括号和等号"),
        (
            spoiled(("weight = 15", "weight = 15\nweight = 15")),
            "small.toml 第 43 行第 12 列: 同一项或同一个表写了两次\n请删去其中一个",
        ),
        (SMALL + "[root]\n", "small.toml 第 82 行第 6 列: 同一项或同一个表写了两次\n请删去其中一个"),
        (SMALL + "x = " + "[" * 100_000, "small.toml: 括号套括号, 层数太多"),
        (
            spoiled((OUTPUT, f"weight = {'9' * 5000}")),
            "small.toml: 不是合法的 TOML\n请检查该处的引号、括号和等号",
        ),
        (
            SMALL + "[" + ".".join(["a"] * 20_000) + "]\n",
            f"small.toml {'.'.join('a' * 31)}: 表的嵌套超过 30 层",
        ),
        (
            "",
            "small.toml id: 缺少这一项\nsmall.toml title: 缺少这一项\nsmall.toml source: 缺少这一项\n"
            "small.toml level: 缺少这一项\nsmall.toml years: 缺少这一项\nsmall.toml weighting: 缺少这一项\n"
            "small.toml root: 缺少这一项\nsmall.toml indicators: 缺少这一项",
        ),
    ],
    ids=["syntax", "end", "key twice", "table twice", "brackets", "digits", "tables", "empty"],
)
def test_toml(text, message):
    assert_error(partial(parse, text), MethodologyError, message)


def test_a_chain_of_dimensions_has_an_end():
    chain = "".join(f'[dimensions.d{i}]\ntitle = {{ zh = "d" }}\nparent = "d{i + 1}"\n' for i in range(5000))
    text = SMALL + chain + '[dimensions.d5000]\ntitle = { zh = "d" }\n'
    message = "small.toml [dimensions.d0] parent: 维度超过 20 级"
    assert_error(partial(parse, text), MethodologyError, message)


# --- readings --------------------------------------------------------------------------------------------


def test_check_readings_names_reading_and_option():
    small = parse(spoiled(("normalisation = { cap = false }", "normalisation = { upper = -1.0 }")))
    message = (
        "读法 posts 取 capless 时: small.toml [indicators.turnover.normalisation] upper: upper 应当大于 lower"
    )
    assert_error(partial(check_readings, small), MethodologyError, message)


def test_check_readings_of_something_unknown():
    small = parse(spoiled(("capless.set.indicators.turnover", "capless.set.indicators.staffs")))
    message = (
        "读法 posts 取 capless 时: small.toml [indicators.staffs] title: 缺少这一项\n"
        "small.toml [indicators.staffs] direction: 缺少这一项\n"
        "small.toml [indicators.staffs] normalisation: 缺少 method 一项"
    )
    assert_error(partial(check_readings, small), MethodologyError, message)


SECOND = """
[readings.second]
title = { zh = "另一处", en = "Another" }
passage = { zh = "另一处", en = "another" }
default = "one"
[readings.second.options.one]
title = { zh = "一", en = "one" }
[readings.second.options.one.set.indicators.turnover]
"""


def test_two_readings_of_one_key():
    message = (
        "small.toml [readings.second.options]: 读法 posts 也改 indicators.turnover.normalisation\n"
        "结果会取决于先后; 请让一项只由一个读法决定"
    )
    text = SMALL + SECOND + 'normalisation = { method = "rank" }\n'
    assert_error(partial(parse, text), MethodologyError, message)
    text = SMALL + SECOND + "normalisation.upper = 60.0\n"
    assert_error(partial(parse, text), MethodologyError, message)
    parse(SMALL + SECOND + "weight = 5.0\n")


def test_a_patch_that_names_a_method_replaces_and_one_that_does_not_adds(small):
    observed = load_methodology(small, readings={"posts": "observed"})
    assert observed.indicators["turnover"].normalisation.model_dump() == {
        "method": "minmax", "scope": "year", "lowest": 0.0, "log": False,
    }  # fmt: skip
    capless = load_methodology(small, readings={"posts": "capless"})
    assert capless.indicators["turnover"].normalisation.model_dump() == {
        "method": "goalposts", "lower": 0.0, "upper": 50.0, "cap": False, "log": False,
    }  # fmt: skip


def test_an_indicator_may_be_called_method():
    text = spoiled(
        ("[indicators.staff]", "[indicators.method]"), ("output / staff", "output / method"),
        ("[readings.posts.options.observed.set.indicators.turnover]\nnormalisation",
         "[readings.posts.options.observed.set.indicators.method]\nnormalisation"),
    )  # fmt: skip
    changed = load_methodology(parse(text), readings={"posts": "observed"})
    assert set(changed.indicators) == {"output", "method", "turnover", "productivity"}
    assert changed.indicators["method"].normalisation.method == "minmax"


# --- files -----------------------------------------------------------------------------------------------

BUILT_IN = "内置方法: county-2025, national-2012-2022, national-open, province-2022, province-open"


def test_a_file(tmp_path):
    file = tmp_path / "any name.toml"
    file.write_bytes(b"\xef\xbb\xbf" + SMALL.replace("\n", "\r\n").encode())
    loaded = load_methodology(str(file))
    assert (loaded.id, loaded.folder, loaded.text) == ("small", tmp_path, SMALL)
    file.write_text(spoiled((OUTPUT, "weight = -1")), encoding="utf-8")
    message = "any name.toml [indicators.output] weight: 应当 >= 0.0"
    assert_error(partial(load_methodology, file), MethodologyError, message)


def test_errors_of_a_changed_methodology_name_its_file(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(spoiled((TURNOVER, '{ method = "base", year = 2020 }')), encoding="utf-8")
    message = (
        "mine.toml [indicators.turnover.normalisation] year: 基期 2020 不在 years 之内\n请把基期列入 years"
    )
    assert_error(partial(load_methodology, file, years=[2022]), MethodologyError, message)


def test_not_utf8(tmp_path):
    file = tmp_path / "small.toml"
    file.write_bytes(SMALL.encode("gb18030"))
    message = f"{file}: 不是 UTF-8 文本\n请另存为 UTF-8 编码"
    assert_error(partial(load_methodology, file), MethodologyError, message)


def test_too_large(tmp_path):
    file = tmp_path / "small.toml"
    with file.open("wb") as handle:
        handle.truncate(2_000_000_000)
    message = f"{file}: 文件超过 5 MB, 不会是声明文件\n请给出 TOML 文件"
    assert_error(partial(load_methodology, file), MethodologyError, message)


def test_no_such_file(tmp_path):
    message = f"{tmp_path / 'none.toml'}: 没有这个方法, 也没有这个文件\n{BUILT_IN}"
    assert_error(partial(load_methodology, tmp_path / "none.toml"), CallError, message)


def test_a_folder(tmp_path):
    message = f"{tmp_path}: 这是文件夹, 不是方法文件\n{BUILT_IN}"
    assert_error(partial(load_methodology, tmp_path), CallError, message)


def test_a_name_too_long():
    message = f"{'a' * 200}: 读不出来: 名称太长\n{BUILT_IN}"
    assert_error(partial(load_methodology, "a" * 5000), CallError, message)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_no_permission(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(SMALL, encoding="utf-8")
    file.chmod(0)
    assert_error(partial(load_methodology, file), MethodologyError, f"{file}: 读不出来: 没有权限")
