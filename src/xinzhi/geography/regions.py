"""Region schemes: how the provinces are grouped, kept as data in ``tables/regions.toml``."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from xinzhi.errors import XinzhiError
from xinzhi.geography.units import province_of
from xinzhi.language import current_language
from xinzhi.language import gettext as _

_TABLE = Path(__file__).parent / "tables" / "regions.toml"


@dataclass(frozen=True, slots=True)
class Region:
    """One group of provinces.

    Attributes
    ----------
    id : str
        Identifier within the scheme.
    name_zh, name_en : str
        Names in the two languages; `name` is the one of the language in force.
    members : tuple of str
        Codes of its provinces, in the order of the standard.
    """

    id: str
    name_zh: str
    name_en: str
    members: tuple[str, ...]

    @property
    def name(self) -> str:
        """Name in the language in force."""
        return self.name_zh if current_language() == "zh" else self.name_en


@dataclass(frozen=True, slots=True)
class RegionScheme:
    """A division of the country into regions.

    Attributes
    ----------
    id : str
        Identifier, as methodologies name it.
    title_zh, title_en : str
        Titles in the two languages; `title` is the one of the language in force.
    source : str
        Who drew the division.
    groups : tuple of Region
        The regions, in the order in which they are shown.
    """

    id: str
    title_zh: str
    title_en: str
    source: str
    groups: tuple[Region, ...]

    @property
    def title(self) -> str:
        """Title in the language in force."""
        return self.title_zh if current_language() == "zh" else self.title_en

    def group_of(self, code: str) -> Region | None:
        """Return the region in which the unit of this code lies, or None (the nation lies in no region)."""
        province = province_of(code)
        return next((group for group in self.groups if province in group.members), None)


@cache
def region_schemes() -> tuple[RegionScheme, ...]:
    """Return all region schemes."""
    with _TABLE.open("rb") as file:
        table = tomllib.load(file)
    return tuple(
        RegionScheme(
            id=scheme_id,
            title_zh=scheme["title"]["zh"],
            title_en=scheme["title"]["en"],
            source=scheme["source"],
            groups=tuple(
                Region(group["id"], group["name"]["zh"], group["name"]["en"], tuple(group["members"]))
                for group in scheme["groups"]
            ),
        )
        for scheme_id, scheme in table.items()
    )


def load_region_scheme(scheme_id: str) -> RegionScheme:
    """Return the region scheme `scheme_id`.

    Raises
    ------
    XinzhiError
        If there is none of that name.
    """
    schemes = {scheme.id: scheme for scheme in region_schemes()}
    if scheme_id not in schemes:
        raise XinzhiError(
            _("没有区域划分“{scheme}”").format(scheme=scheme_id),
            remedy=_("可用的区域划分: {known}").format(known=", ".join(schemes)),
        )
    return schemes[scheme_id]
