"""WHAT is measured: an indicator system as one TOML file; model, loader, built-in ones in ``library``."""

from xinzhi.declarations import Text
from xinzhi.formula import Formula
from xinzhi.methodology.checking import given_weight
from xinzhi.methodology.loading import (
    check_readings,
    copied_text,
    figures_path,
    load_methodology,
    methodologies,
    methodology_hash,
    methodology_toml,
    parse_methodology,
)
from xinzhi.methodology.model import Dimension, Indicator, Input, Methodology, Tree, Variable

__all__ = [
    "Dimension",
    "Formula",
    "Indicator",
    "Input",
    "Methodology",
    "Text",
    "Tree",
    "Variable",
    "check_readings",
    "copied_text",
    "figures_path",
    "given_weight",
    "load_methodology",
    "methodologies",
    "methodology_hash",
    "methodology_toml",
    "parse_methodology",
]
