"""What experts said and the weights that follow, as text for the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from xinzhi.analysis.outputs import p_text
from xinzhi.errors import ComputeError
from xinzhi.index.tables import display_width
from xinzhi.index.weights.concordance import Concordance
from xinzhi.index.weights.pairwise import ACCEPTABLE, PairwiseWeights
from xinzhi.index.weights.survey import Kind, Round, Survey, experts_of, spread_of
from xinzhi.language import gettext as _
from xinzhi.methodology import Methodology

_FEW_ITEMS = 8  # below which the test of Kendall's W is rough


def kind_name(kind: Kind) -> str:
    """Return what a kind of sheet is called in the current language."""
    return {"budget": _("点数"), "score": _("打分"), "pairwise": _("两两比较")}[kind]


def survey_lines(survey: Survey, methodology: Methodology | None, *, guessed: bool) -> Iterator[str]:
    """Yield what was read, the weights, agreement and consistency."""
    yield _heading(survey, methodology, guessed)
    yield from table_lines(*_weights(survey))
    yield from (_round(survey, t) for t in range(len(survey.rounds)))
    for t, moves in enumerate(survey.moves(), start=1):
        yield _change(survey, t, moves)
    if len(survey.items.ids) < _FEW_ITEMS and any(agreement(r)[0] for r in survey.rounds):
        yield _("少于 {count} 项时 p 只是近似").format(count=_FEW_ITEMS)
    last = survey.rounds[-1]
    if isinstance(last, PairwiseWeights):
        yield from _consistency(last)


def survey_dict(survey: Survey, *, guessed: bool) -> dict[str, Any]:
    """Return the same as JSON knows it."""
    last = survey.rounds[-1]
    content: dict[str, Any] = {
        "kind": survey.kind,
        "guessed": guessed,
        "node": survey.node,
        "mix": last.mix,
        "weights": list(survey.rows()),
        "rounds": [_round_dict(*pair) for pair in zip(survey.names, survey.rounds, strict=True)],
        "moves": list(survey.moves()),
    }
    if isinstance(last, PairwiseWeights):
        content["consistency"] = [
            {"expert": m.expert, "ratio": m.ratio, "consistent": m.consistent, "worst": vars(m.worst)}
            for m in (*last.experts, last.together)
        ]
    return content


def agreement(opinion: Round) -> tuple[Concordance | None, str]:
    """Return Kendall's W of a round or, where it is not defined, why."""
    try:
        return opinion.concordance, ""
    except ComputeError as error:
        return None, error.what


def table_lines(heads: Sequence[str], rows: Sequence[Sequence[str]], *, left: int = 1) -> Iterator[str]:
    """Yield an aligned table: the first columns, so many as are text, to the left, figures to the right."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(map(display_width, column)) for column in columns]
    for row in (heads, *rows):
        padding = [" " * (width - display_width(cell)) for cell, width in zip(row, widths, strict=True)]
        cells = [
            cell + p if column < left else p + cell
            for column, (p, cell) in enumerate(zip(padding, row, strict=True))
        ]
        yield "  ".join(cells).rstrip()


def _heading(survey: Survey, methodology: Methodology | None, guessed: bool) -> str:
    names = ", ".join(survey.names)
    kind = kind_name(survey.kind)
    what = (
        _("{files}: 看来是{kind} (用 --kind 可另行指定)").format(files=names, kind=kind)
        if guessed
        else _("{files}: {kind}").format(files=names, kind=kind)
    )
    if methodology is None:
        return what
    place = (
        _("“{node}” [{id}] 的下级").format(node=methodology.node_title(survey.node), id=survey.node)
        if survey.node
        else _("全部指标")
    )
    return _("{what}; {methodology}: {place}").format(what=what, methodology=methodology.id, place=place)


def _weights(survey: Survey) -> tuple[list[str], list[list[str]]]:
    mix = survey.rounds[-1].mix
    columns = {"weight": _("权重%"), "experts": _("专家%"), "equal": _("等权%"), "spread": _("标准差")}
    if mix == 1:
        del columns["experts"]
    if len(experts_of(survey.rounds[-1])) < 2:
        del columns["spread"]
    rows = [[row["title"], *(f"{100 * row[key]:.2f}" for key in columns)] for row in survey.rows()]
    return [_("项目"), *columns.values()], rows


def _round(survey: Survey, t: int) -> str:
    opinion = survey.rounds[t]
    label = survey.names[t]
    if len(survey.rounds) > 1:
        label = _("第 {n} 轮 {file}").format(n=t + 1, file=label)
    found, reason = agreement(opinion)
    if found is None:
        return _("{label}: {reason}").format(label=label, reason=reason)
    return _(
        "{label}: {experts} 位专家, Kendall 协调系数 W = {w:.3f} (卡方 {chi:.2f}, 自由度 {df}, {p}); "
        "标准差平均 {spread:.2f} 个百分点"
    ).format(
        label=label,
        experts=found.experts,
        w=found.w,
        chi=found.chi_square,
        df=found.items - 1,
        p=p_text(found.p),
        spread=100 * _mean_spread(opinion),
    )


def _change(survey: Survey, t: int, moves: dict[str, float]) -> str:
    """Say what the round at position `t` changed."""
    before, after = survey.rounds[t - 1 : t + 1]
    old, new = agreement(before)[0], agreement(after)[0]
    clauses = []
    if old is not None and new is not None:
        trend = _("升高") if new.w > old.w else _("降低") if new.w < old.w else _("不变")
        clauses.append(_("W {old:.3f} → {new:.3f}, {trend}").format(old=old.w, new=new.w, trend=trend))
    moved = sorted((item for item in moves.items() if item[1] > 0), key=lambda item: -item[1])
    lists = {
        _("改动"): [f"{expert} {share:.1%}" for expert, share in moved],
        _("没有改动"): [expert for expert, share in moves.items() if share == 0],
        _("退出"): [expert for expert in experts_of(before) if expert not in moves],
        _("新加入"): [expert for expert in experts_of(after) if expert not in moves],
    }
    clauses += [f"{label} {', '.join(names)}" for label, names in lists.items() if names]
    return _("第 {n} 轮比上一轮: {clauses}").format(n=t + 1, clauses="; ".join(clauses))


def _consistency(opinion: PairwiseWeights) -> Iterator[str]:
    for matrix in opinion.experts:
        line = _("{expert}: 一致性比率 {ratio:.3f}").format(expert=matrix.expert, ratio=matrix.ratio)
        if not matrix.consistent:
            line += _(", 超过 {limit:.2f}, 请复核").format(limit=ACCEPTABLE)
        if matrix.ratio > 1e-9:
            line += _("; 最不一致的判断: {judgement}").format(judgement=matrix.worst)
        yield line
    yield _("{expert} (几何平均): 一致性比率 {ratio:.3f}").format(
        expert=opinion.together.expert, ratio=opinion.together.ratio
    )


def _round_dict(name: str, opinion: Round) -> dict[str, Any]:
    found, reason = agreement(opinion)
    content: dict[str, Any] = {"file": name, "experts": list(experts_of(opinion))}
    if found is None:
        return content | {"w": None, "reason": reason}
    return content | {
        "w": found.w,
        "chi_square": found.chi_square,
        "df": found.items - 1,
        "p": found.p,
        "mean_spread": _mean_spread(opinion),
    }


def _mean_spread(opinion: Round) -> float:
    spread = spread_of(opinion)
    assert spread is not None, "W is defined for two experts or more"
    return float(spread.mean())
