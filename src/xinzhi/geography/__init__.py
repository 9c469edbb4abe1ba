"""Where: administrative units by code, the names people write for them, and the regions they form."""

from xinzhi.geography.adjacency import neighbours_of
from xinzhi.geography.boundaries import demonstration_boundaries
from xinzhi.geography.regions import Region, RegionScheme, load_region_scheme, region_schemes
from xinzhi.geography.units import (
    DEMONSTRATION_PROVINCE,
    LEVELS,
    Unit,
    UnitError,
    demonstration_unit,
    demonstration_units,
    find,
    province_of,
    units,
    units_with,
)

__all__ = [
    "DEMONSTRATION_PROVINCE",
    "LEVELS",
    "Region",
    "RegionScheme",
    "Unit",
    "UnitError",
    "demonstration_boundaries",
    "demonstration_unit",
    "demonstration_units",
    "find",
    "load_region_scheme",
    "neighbours_of",
    "province_of",
    "region_schemes",
    "units",
    "units_with",
]
