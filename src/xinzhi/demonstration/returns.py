"""What units and bodies of the fictitious province answer: figures, cases and pictures drawn from a seed."""

from __future__ import annotations

import io
from decimal import Decimal
from functools import cache
from random import Random

from xinzhi.forms.model import CaseForm, IndicatorForm
from xinzhi.forms.writing.answers import Answer
from xinzhi.geography import Unit

Filed = dict[tuple[str, int | None], Answer]

# First year: from, to; usual growth to the second year: from, to. Invented, of the size that counties have.
_ROWS = {
    "gdp": ((80, 620), (1.02, 1.09)),
    "population": ((18, 95), (0.985, 1.01)),
    "loans": ((120, 900), (1.03, 1.12)),
    "non_tax_share": ((18, 48), (0.95, 1.05)),
    "technology_contracts": ((900, 68_000), (1.05, 1.40)),
    "invention_patents": ((6, 180), (0.9, 1.3)),
    "provincial_specialised_firms": ((8, 46), (1.0, 1.3)),
    "high_tech_share": ((9, 42), (0.98, 1.08)),
    "carbon_intensity": ((0.6, 2.4), (0.92, 1.0)),
}
_CABLE, _AREA = (150, 900), (800, 3200)  # km, square km
_CENT = Decimal("0.01")


def simulated_figures(form: IndicatorForm, unit: Unit, seed: int = 2025) -> Filed:
    """Return figures that a county might file, sound by every rule, the same for the same unit and seed."""
    random = Random(f"{seed} {unit.code}")
    filed: Filed = {}
    for id, ((low, high), growth) in _ROWS.items():
        number = random.uniform(low, high)
        for year in form.years:
            filed[id, year] = _rounded(number, whole=form.rows[id].whole)
            number *= random.uniform(*growth)
    area, cable = _rounded(random.uniform(*_AREA)), _rounded(random.uniform(*_CABLE))
    for year in form.years:
        firms, people, output, carbon = (
            Decimal(str(filed[id, year]))
            for id in ("provincial_specialised_firms", "population", "gdp", "carbon_intensity")
        )
        filed["national_specialised_firms", year] = _rounded(float(firms) * 0.15, whole=True)
        filed["cable_length", year], filed["area", year] = cable, area
        filed["cable_density", year] = (cable / people * area).quantize(_CENT)
        filed["carbon_dioxide", year] = (carbon * output).quantize(_CENT)
    return filed


def _rounded(number: float, *, whole: bool = False) -> Decimal:
    return Decimal(f"{number:.0f}.00" if whole else f"{number:.2f}")


# --- cases -----------------------------------------------------------------------------------------------

_SECTIONS = {
    "background": (
        "按照省级制造业数字化转型行动计划（示例发〔2023〕{a}号）的要求，{unit}所在行业2022年平均能耗为{x}吨标煤/万元产值，高于先进水平{p}%。"
        "改造前，{unit}的产品合格率为{q}%，单位工时产出低于同行{r}%，订单交付周期平均{n}天。"
        "受原料价格和用工成本影响，2022年利润率下降{s}个百分点，原有工序已不能满足客户对一致性的要求，转型成为必要。"
    ),
    "summary": (
        "项目于2023年6月启动，覆盖{m}条生产线和{k}个车间，采用工业互联网平台与机器视觉检测，应用于{product}的成型、检测和仓储。"
        "平台接入设备{d}台，采集点{c}个，数据刷新间隔由60秒缩短到5秒。"
        "到2024年12月，项目累计投入{w}万元，产品合格率{q}%→{t}%，单位产品能耗下降{u}%，人均产出增长{v}%。"
    ),
    "details": (
        "规划阶段（2023年3月至5月）：成立由{k}个部门组成的工作组，梳理工序{c}项，确定改造点{m}处。"
        "建设阶段（2023年6月至2024年6月）：投入{w}万元，其中设备占{p}%，软件占{r}%；与示例大学共建实验室，派驻工程师{k}名。"
        "运营阶段（2024年7月起）：建立日检、周评、月结制度，异常响应时间由{n}分钟缩短到8分钟；培训操作人员{d}人次。"
        "资金来源为企业自筹{p}%，其余为银行贷款。"
    ),
    "results": (
        "以2022年为基准期，到2024年：单位工时产出由{y}件提高到{z}件，增长{v}%，高于行业平均{r}个百分点；"
        "产品合格率{q}%→{t}%；万元产值能耗由{x}吨标煤降至{e}吨标煤，下降{u}%；订单交付周期由{n}天缩短到{f}天。"
        "2024年新产品销售收入{g}万元，占全部销售收入的{s}%，出口增长{p}%。"
    ),
    "innovation": (
        "技术创新：自主开发的视觉检测模块识别精度达到{t}%，申请发明专利{k}项，已授权{m}项。"
        "模式创新：把设备、质量和能源三类数据接入同一平台，排产由人工改为系统，排产时间缩减{u}%。"
        "制度创新：建立数据分级目录{c}项，明确采集、使用和归档的责任，审批环节由7个缩减到3个。"
    ),
    "replication": (
        "项目所用设备和接口均为通用型号，平台兼容{k}类工业协议，已在{m}家上下游企业使用，投资回收期约{h}年。"
        "同类企业新增一条生产线的实施成本约{g}万元，比首条下降{v}%。"
        "在用地、用能和人员条件相近的县域，可以按相同步骤实施。"
    ),
    "reflections": (
        "经验：先统一数据口径，再上系统；先改瓶颈工序，再改全线；把操作人员纳入方案讨论，共采纳建议{d}条。"
        "教训：早期选用的两种传感器在高温工位失效，更换费用{k}万元；接口文档不全使联调延后{n}天。"
        "改进计划：2025年把改造范围扩大到{c}个工位，把能耗再降低{m}%。"
    ),
}  # fmt: skip
_PRODUCTS = ("轴承套圈", "陶瓷滤芯", "果蔬干制品", "铝合金型材", "生物质颗粒", "水泵叶轮")
_NAMES = ("张三样例", "李四样例", "王五样例", "赵六样例")


def simulated_case(form: CaseForm, filer: str, title: str, seed: int = 2025) -> Filed:
    """Return a case that `filer` might file, sound by every rule, the same for the same filer, title and seed."""
    random = Random(f"{seed} {filer} {title}")
    options = list(form.fields["domain"].options)
    filed: Filed = {
        ("title", None): title,
        ("domain", None): random.choice(options),
        ("unit", None): filer,
        ("contact", None): random.choice(_NAMES),
        ("phone", None): "010-00000000",
        ("address", None): "示例省样例市样例路1号",
        ("email", None): f"sample{random.randrange(100)}@example.com",
        ("seal_date", None): "2025年8月15日",
        ("evidence", None): "能效检测报告\n发明专利证书",
    }
    for id in form.sections:
        filed[id, None] = _SECTIONS[id].format(**_quantities(random), unit=filer)
    return filed


def _quantities(random: Random) -> dict[str, object]:
    first, last = random.uniform(40, 80), random.uniform(90, 140)
    energy = random.uniform(0.4, 1.8)
    return {
        "a": random.randrange(10, 90),
        "c": random.randrange(20, 400),
        "d": random.randrange(40, 300),
        "e": f"{energy * 0.8:.2f}",
        "f": random.randrange(5, 12),
        "g": f"{random.uniform(300, 4000):.2f}",
        "h": f"{random.uniform(1.5, 4):.2f}",
        "k": random.randrange(3, 9),
        "m": random.randrange(2, 8),
        "n": random.randrange(15, 45),
        "p": f"{random.uniform(10, 60):.2f}",
        "product": random.choice(_PRODUCTS),
        "q": f"{random.uniform(82, 90):.2f}",
        "r": f"{random.uniform(4, 18):.2f}",
        "s": f"{random.uniform(3, 28):.2f}",
        "t": f"{random.uniform(96, 99.8):.2f}",
        "u": f"{random.uniform(12, 30):.2f}",
        "v": f"{random.uniform(18, 60):.2f}",
        "w": f"{random.uniform(600, 5200):.2f}",
        "x": f"{energy:.2f}",
        "y": f"{first:.2f}",
        "z": f"{last:.2f}",
    }


# --- pictures --------------------------------------------------------------------------------------------


@cache
def simulated_picture(seed: int, width: int = 1920, height: int = 1280) -> bytes:
    """Return a JPEG of more than 2 MB with detail at every scale: fields of colour, none of any real place."""
    import numpy as np
    from PIL import Image

    noise = np.random.default_rng(seed)
    image = np.zeros((height, width, 3), dtype=np.float32)
    for scale in (2, 8, 32, 160):
        coarse = noise.uniform(0, 255, (height // scale + 1, width // scale + 1, 3)).astype(np.float32)
        image += np.repeat(np.repeat(coarse, scale, 0), scale, 1)[:height, :width] / 4
    file = io.BytesIO()
    Image.fromarray(image.astype(np.uint8)).save(file, "JPEG", quality=97)
    return file.getvalue()
