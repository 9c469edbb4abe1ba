"""What units and bodies of the fictitious province answer: figures, cases and pictures drawn from a seed."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from pathlib import Path
from random import Random

from xinzhi.declarations import Record, parse_declaration, read_declaration, validated
from xinzhi.forms.loading import FormError
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

_WORDS = Path(__file__).with_name("cases.toml")
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
    words = _case_words()
    named = [trade for trade in words.trades if trade["product"] in title]
    drawn = {**random.choice(named or words.trades), **_quantities(random), "unit": filer}
    for id in form.sections:
        filed[id, None] = "".join(random.choice(each) for each in words.sections[id]).format_map(drawn)
    return filed


class _CaseWords(Record):
    """The words of trades, and for each section the sentences of which one is taken at each place."""

    trades: tuple[Mapping[str, str], ...]
    sections: Mapping[str, tuple[tuple[str, ...], ...]]


@cache
def _case_words() -> _CaseWords:
    document = parse_declaration(read_declaration(_WORDS, FormError), _WORDS.name, FormError)
    return validated(_CaseWords, document, _WORDS.name, FormError)


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
