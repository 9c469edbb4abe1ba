"""Changed methodologies: readings, indicators left out, weights, years; and what is written and copied."""

from __future__ import annotations

from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.methodology.conftest import SMALL, assert_error, spoiled
from xinzhi.errors import CallError, MethodologyError
from xinzhi.methodology import (
    check_readings,
    copied_text,
    figures_path,
    given_weight,
    load_methodology,
    methodologies,
    methodology_hash,
    methodology_toml,
    parse_methodology,
)


def weights(methodology):
    return {node: given_weight(methodology, node) for node in methodology.tree.nodes}


def test_a_methodology_is_taken_as_it_is(small):
    assert load_methodology(small) is small
    assert load_methodology(small, weights="given") is small


# --- readings --------------------------------------------------------------------------------------------


def test_readings(small):
    changed = load_methodology(small, readings={"posts": "observed"})
    assert changed.chosen_readings == {"posts": "observed"}
    assert changed.indicators["turnover"].normalisation.method == "minmax"
    assert changed.text == ""
    back = load_methodology(changed, readings={"posts": "fifty"})
    assert back.model_dump() == small.model_dump()
    assert methodology_hash(back) == methodology_hash(small)


def test_unknown_readings(small):
    message = "small: 没有这个读法: post\n可用: posts"
    assert_error(partial(load_methodology, small, readings={"post": "fifty"}), CallError, message)
    message = "small [readings.posts]: 没有这个选项: sixty\n可选: fifty, observed, capless"
    assert_error(partial(load_methodology, small, readings={"posts": "sixty"}), CallError, message)
    message = "province-2022: 没有这个读法: post\n可用: 无"
    assert_error(partial(load_methodology, "province-2022", readings={"post": "fifty"}), CallError, message)


# --- without ---------------------------------------------------------------------------------------------


def test_without_shares_the_weight_among_siblings(small):
    changed = load_methodology(small, without=["turnover"])
    assert weights(changed) == {
        "total": 100, "size": 60, "people": 20, "staff": 20, "output": 40, "growth": 40, "productivity": 40,
    }  # fmt: skip
    assert changed.readings["posts"].options["observed"].set == {"indicators": {}}
    check_readings(changed)


def test_without_shares_in_proportion_and_down_the_tree(small):
    changed = load_methodology(small, without=["productivity"])  # growth, left empty, goes too
    assert weights(changed) == {
        "total": 100, "size": 100, "people": pytest.approx(100 / 3), "staff": pytest.approx(25),
        "turnover": pytest.approx(25 / 3), "output": pytest.approx(200 / 3),
    }  # fmt: skip
    assert list(changed.dimensions) == ["size", "people"]


def test_without_a_tag(small):
    changed = load_methodology(small, without=["money"])
    assert weights(changed) == {"total": 100, "size": 100, "people": 100, "staff": 75, "turnover": 25}
    assert (
        load_methodology(small, without="money").document == changed.document
    )  # one name need not be a list


def test_what_a_formula_needs_stays_as_an_input(small):
    changed = load_methodology(small, without=["output", "staff"])
    assert changed.tree.leaves == ("turnover", "productivity")
    assert {id: v.title.en for id, v in changed.inputs.items()} == {
        "scale_factor": "Factor", "output": "Output", "staff": "Staff",
    }  # fmt: skip
    assert changed.inputs["output"].model_dump(exclude_defaults=True) == small.indicators[
        "output"
    ].model_dump(exclude_defaults=True, include={"title", "unit", "gap", "limits"})
    assert weights(changed) == {
        "total": 100, "size": 60, "people": 60, "turnover": 60, "growth": 40, "productivity": 40,
    }  # fmt: skip


def test_what_a_formula_of_a_reading_needs_stays_too():
    text = spoiled(("normalisation = { cap = false }", 'formula = "staff / output"'))
    changed = load_methodology(parse_methodology(text, name="small.toml"), without=["output", "productivity"])
    assert list(changed.inputs) == ["scale_factor", "output"]
    check_readings(changed)


def test_weights_that_a_reading_sets_give_way():
    text = SMALL.replace("normalisation = { cap = false }", "weight = 10.0").replace(
        'default = "fifty"', 'default = "capless"'
    ).replace("weight = 15", "weight = 10")  # fmt: skip
    changed = load_methodology(parse_methodology(text, name="small.toml"), without=["output"])
    assert weights(changed)["turnover"] == 30
    check_readings(changed)


def test_without_of_equal_weights(small):
    changed = load_methodology("county-2025", without=["opinion", "cases"])
    assert len(changed.indicators) == 11
    assert all(indicator.weight is None for indicator in changed.indicators.values())


def test_without_what_is_not_there(small):
    message = "small: 没有叫 outputs 的指标或标签\n指标: output, staff, turnover, productivity; 标签: money"
    assert_error(partial(load_methodology, small, without=["outputs"]), CallError, message)
    names = ["money", "staff", "turnover"]
    assert_error(partial(load_methodology, small, without=names), CallError, "small: 不能去掉全部指标")


def test_without_all_that_weighs():
    text = spoiled(("weight = 15", "weight = 0"), ("weight = 5\n", "weight = 20\n"))
    small = parse_methodology(text, name="small.toml")
    message = "small: 去掉这些指标以后, people 下只剩权重为 0 的指标"
    assert_error(partial(load_methodology, small, without=["turnover"]), CallError, message)


# --- weights ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["equal", "entropy"])
def test_another_weighting(small, method):
    changed = load_methodology(small, weights=method)
    assert changed.weighting.method == method
    assert load_methodology(changed, weights="given").weighting == small.weighting


def test_the_same_weighting_keeps_its_options():
    text = spoiled(('weighting = { method = "given" }', 'weighting = { method = "entropy", shift = 0.1 }'))
    entropy = parse_methodology(text, name="small.toml")
    assert load_methodology(entropy, weights="entropy").weighting.shift == 0.1


def test_weights_by_indicator(small):
    changed = load_methodology(small, weights={"output": 1, "staff": 3, "turnover": 0.0, "productivity": 1})
    assert weights(changed) == pytest.approx({
        "total": 100, "size": 80, "people": 60, "staff": 60, "turnover": 0, "output": 20, "growth": 20,
        "productivity": 20,
    })  # fmt: skip
    assert changed.weighting.method == "given"


def test_weights_of_any_size(small):
    for size in (5e-324, 1e-300, 1e308):
        changed = load_methodology(small, weights=dict.fromkeys(small.indicators, size))
        assert [indicator.weight for indicator in changed.indicators.values()] == [25.0] * 4


def test_wrong_weights(small):
    good = dict.fromkeys(small.indicators, 1.0)
    message = (
        "small: 未知的赋权方法 ahp\n可用: given, equal, entropy, critic, variation, pca, factor, scatter"
    )
    assert_error(partial(load_methodology, small, weights="ahp"), CallError, message)
    message = "small: 权重表与指标不一致: 缺 output, staff; 多 outputs"
    wrong = {"outputs": 1.0, "turnover": 1.0, "productivity": 1.0}
    assert_error(partial(load_methodology, small, weights=wrong), CallError, message)
    message = "small: 权重表与指标不一致: 缺 output, productivity, staff, turnover; 多 无"
    assert_error(partial(load_methodology, small, weights={}), CallError, message)
    message = "small: 权重必须非负且合计大于 0"
    for value in (-1.0, float("nan"), float("inf")):
        assert_error(partial(load_methodology, small, weights=good | {"staff": value}), CallError, message)
    nothing = dict.fromkeys(good, 0.0)
    assert_error(partial(load_methodology, small, weights=nothing), CallError, message)
    message = "county-2025: 这个方法没有写权重, 不能用 given\n请给出一个 CSV 权重表, 或用 equal"
    assert_error(partial(load_methodology, "county-2025", weights="given"), CallError, message)


# --- years -----------------------------------------------------------------------------------------------


def test_years(small):
    assert load_methodology(small, years=[2022, 2021, 2022]).years == (2021, 2022)
    assert_error(partial(load_methodology, small, years=[]), MethodologyError, "small.toml years: 不能为空")


def test_years_that_a_reading_sets_give_way():
    text = SMALL.replace("set.indicators.turnover]\nnormalisation = { cap = false }", "set]\nyears = [2020]")
    small = parse_methodology(text.replace('default = "fifty"', 'default = "capless"'), name="small.toml")
    assert small.years == (2020,)
    assert load_methodology(small, years=[2021]).years == (2021,)


# --- writing and reading back ----------------------------------------------------------------------------


@st.composite
def changes(draw):
    methodology = load_methodology(draw(st.sampled_from(methodologies())))
    leaves = sorted(methodology.indicators)
    return methodology, {
        "readings": {
            id: draw(st.sampled_from(sorted(reading.options))) for id, reading in methodology.readings.items()
        },
        "without": draw(st.sets(st.sampled_from(leaves), max_size=len(leaves) - 1)),
        "weights": draw(st.sampled_from([None, "equal", "entropy"])),
    }


@settings(deadline=None, max_examples=60)
@given(changes())
def test_a_changed_methodology_reads_back(drawn):
    methodology, asked = drawn
    changed = load_methodology(methodology, **asked)
    assert set(changed.indicators) == set(methodology.indicators) - asked["without"]
    assert changed.chosen_readings == asked["readings"]
    if changed.weighting.method == "given":
        assert weights(changed)[changed.root.id] == pytest.approx(methodology.root.weight)
        before = weights(methodology)
        for node in changed.tree.inner:
            children = changed.tree.children[node]
            shares = [given_weight(changed, child) / before[child] for child in children]
            assert shares == pytest.approx([shares[0]] * len(shares))
    check_readings(changed)
    back = parse_methodology(methodology_toml(changed), name="back.toml")
    assert back.model_dump() == changed.model_dump()
    assert back.tree.nodes == changed.tree.nodes
    assert methodology_hash(back) == methodology_hash(changed)


def test_an_unchanged_one_is_written_as_it_was(small):
    assert methodology_toml(small) == SMALL


@given(st.text(min_size=1))
def test_any_text_is_written_so_that_it_reads_back(text):
    methodology = parse_methodology(SMALL, name="small.toml")
    methodology.document["statements"] = [{"zh": text}]
    changed = load_methodology(methodology, years=[2022])
    assert parse_methodology(methodology_toml(changed), name="back").statements[0].zh == text


# --- hash ------------------------------------------------------------------------------------------------


def shuffled(text):
    head, *tables = text.split("\n[")
    return head + "".join(f"\n[{table}" for table in reversed(tables))


def test_hash_does_not_depend_on_comments_and_order(small):
    other = parse_methodology("# more\n" + shuffled(SMALL), name="other.toml")
    assert methodology_hash(other) == methodology_hash(small)


@pytest.mark.parametrize("change", [('"equal"', '"entropy"'), ('"Staff"', '"staff"'), ("2020, ", "")])
def test_hash_depends_on_everything_else(change):
    text = spoiled(('"given"', '"equal"'))
    assert text.count(change[0]) == 1
    one, other = (parse_methodology(t, name="small.toml") for t in (text, text.replace(*change)))
    assert methodology_hash(one) != methodology_hash(other)


def test_hash_depends_on_the_order_of_treatments():
    steps = ['a = { method = "log" }', 'b = { method = "winsorise" }']
    one, other = (
        parse_methodology(
            spoiled(("weight = 15", f"weight = 15\ntreatment = {{ {', '.join(order)} }}")), name="small.toml"
        )
        for order in (steps, steps[::-1])
    )
    assert methodology_hash(one) != methodology_hash(other)


# --- copies ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("id", methodologies())
def test_a_copy_of_a_built_in_one(id, tmp_path):
    text = copied_text(id, "mine")
    original, copy = load_methodology(id), parse_methodology(text, name="mine.toml")
    assert copy.document == original.document | {"id": "mine", "based_on": id}
    assert [line for line in text.splitlines() if "#" in line] == [
        line for line in original.text.splitlines() if "#" in line
    ]
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    assert figures_path(load_methodology(file)) == figures_path(original)
    second = tmp_path / "second.toml"
    second.write_text(copied_text(str(file), "second"), encoding="utf-8")
    copy_of_copy = load_methodology(second)
    assert (copy_of_copy.id, copy_of_copy.based_on) == ("second", "mine")
    assert figures_path(copy_of_copy) == figures_path(original)
    assert [line for line in copy_of_copy.text.splitlines() if "#" in line] == [
        line for line in original.text.splitlines() if "#" in line
    ]


@pytest.mark.parametrize(
    "line",
    ["id = 'small'", '  id="small"  # why', 'id\t=\t"small"',
     'based_on = "x"\nid = "small"', '"id" = "small"', 'id = """small"""'],
)  # fmt: skip
def test_a_copy_however_the_id_is_written(line, tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(spoiled(('id = "small"', line)), encoding="utf-8")
    original = load_methodology(file)
    copy = parse_methodology(copied_text(str(file), "mine"), name="mine.toml")
    assert copy.document == original.document | {"id": "mine", "based_on": "small"}
    assert ("# A comment that a copy keeps." in copy.text) == (not line.startswith('"') and '"""' not in line)


@pytest.mark.parametrize("id", ["方法一", "1a", "", 'a"\nscale = 1.0', "a b"])
def test_a_copy_needs_an_id(id):
    message = f"{id} 不能作方法的标识\n标识只能用英文字母、数字、下划线和连字符, 并以字母开头"
    assert_error(partial(copied_text, "province-2022", id), CallError, message)


def test_figures_beside_the_file_come_first(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(copied_text("province-open", "mine"), encoding="utf-8")
    beside = tmp_path / "province-open.csv"
    beside.touch()
    assert figures_path(load_methodology(file)) == beside
    assert figures_path(load_methodology("province-2022")) is None


def test_figures_that_are_not_there(tmp_path):
    file = tmp_path / "small.toml"
    file.write_text(spoiled(('level = "firm"', 'level = "firm"\nfigures = "none.csv"')), encoding="utf-8")
    message = "small: figures = none.csv: 找不到随附的数据表\n请把数据表放在方法文件旁边, 或删去 figures 一行"
    assert_error(partial(figures_path, load_methodology(file)), MethodologyError, message)
