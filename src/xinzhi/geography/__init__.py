"""Where: administrative units by code, the names people write for them, and the regions they form."""

from xinzhi.geography.adjacency import neighbours_of
from xinzhi.geography.regions import Region, RegionScheme, load_region_scheme, region_schemes
from xinzhi.geography.units import LEVELS, Unit, UnitError, find, province_of, units

__all__ = [
    "LEVELS",
    "Region",
    "RegionScheme",
    "Unit",
    "UnitError",
    "find",
    "load_region_scheme",
    "neighbours_of",
    "province_of",
    "region_schemes",
    "units",
]
