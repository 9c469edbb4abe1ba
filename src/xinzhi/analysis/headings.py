"""What a reader sees above the columns of the analyses; files keep the stable English names."""

from __future__ import annotations

from xinzhi.language import current_language

_CHINESE = {
    "bandwidth": "带宽",
    "class": "等级",
    "code": "代码",
    "coefficient": "系数",
    "contribution_share": "贡献占比",
    "coordination": "协调度",
    "correlation_ratio": "相关比",
    "correlation_with_index": "与总指数的相关",
    "coupling": "耦合度",
    "degree": "障碍度",
    "development": "发展度",
    "deviation": "标准差",
    "dimension": "维度",
    "distance": "相对影响",
    "effective_weight": "有效权重",
    "epsilon": "厌恶系数",
    "equivalent": "等价均值占比",
    "factor": "因素",
    "first": "一阶效应指数",
    "first_high": "一阶效应上限",
    "first_low": "一阶效应下限",
    "gini": "基尼系数",
    "group": "组",
    "half_life": "半衰期",
    "height": "峰高",
    "index": "指数",
    "indicator": "指标",
    "lag": "空间滞后",
    "left_out_largest_shift": "去掉后最大变动",
    "left_out_mean_shift": "去掉后平均变动",
    "left_out_unit": "变动最大的单位",
    "local": "局部指数",
    "mean": "均值",
    "mode": "主峰位置",
    "model": "模型",
    "name": "名称",
    "note": "说明",
    "other": "另一组",
    "p_value": "p 值",
    "part": "部分",
    "peaks": "峰数",
    "quadrant": "象限",
    "r_squared": "R²",
    "rank": "名次",
    "rank_high": "名次上限",
    "rank_low": "名次下限",
    "rank_median": "名次中位数",
    "rank_shift": "名次平均变动",
    "sample": "样本标准差",
    "score": "得分",
    "score_high": "得分上限",
    "score_low": "得分下限",
    "score_median": "得分中位数",
    "scored_share": "有得分的重复占比",
    "share": "占比",
    "sigma": "σ",
    "speed": "收敛速度",
    "squared_correlation": "相关系数平方",
    "standard_error": "标准误",
    "term": "变量",
    "tier": "档次",
    "title": "名称",
    "told_apart_from_next_tier": "与下一档可分",
    "total": "总效应指数",
    "total_high": "总效应上限",
    "total_low": "总效应下限",
    "trend": "趋势",
    "units": "单位数",
    "units_led": "主导的单位数",
    "value": "数值",
    "weight": "权重",
    "x": "横轴",
    "y": "纵轴",
    "year": "年份",
    "z": "标准值",
}


_TERMS = {
    "absolute": "绝对收敛",
    "between": "组间",
    "conditional": "条件收敛",
    "group": "组",
    "pair": "两组之间",
    "total": "合计",
    "transvariation": "超变密度",
    "within": "组内",
}


def term(value: str) -> str:
    """Return a word of a table, such as the part of a decomposition, in the language in force."""
    return _TERMS.get(value, value) if current_language() == "zh" else value


def heading(column: str) -> str:
    """Return the heading of a column in the language in force; what is no name of ours, such as a year, stays."""
    return _CHINESE.get(column, column) if current_language() == "zh" else column.replace("_", " ")
