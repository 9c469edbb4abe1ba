"""What an index can bear, and what it says: one function an analysis, each giving an :class:`Outcome`."""

from xinzhi.analysis.catalogue import Report, Settings, analyse, analyse_table, usual_factors
from xinzhi.analysis.comparison import compare
from xinzhi.analysis.convergence import beta_convergence, sigma_convergence
from xinzhi.analysis.coupling import coupling
from xinzhi.analysis.density import kernel_density
from xinzhi.analysis.inequality import atkinson, dagum, theil, variation
from xinzhi.analysis.neighbours import (
    adjacency_weights,
    distance_weights,
    economy_weights,
    given_weights,
    read_weights,
)
from xinzhi.analysis.obstacle import obstacles
from xinzhi.analysis.outcome import Outcome
from xinzhi.analysis.quadrant import quadrants
from xinzhi.analysis.robustness import robustness
from xinzhi.analysis.sensitivity import sensitivity
from xinzhi.analysis.spatial import moran
from xinzhi.analysis.structure import structure

__all__ = [
    "Outcome",
    "Report",
    "Settings",
    "adjacency_weights",
    "analyse",
    "analyse_table",
    "atkinson",
    "beta_convergence",
    "compare",
    "coupling",
    "dagum",
    "distance_weights",
    "economy_weights",
    "given_weights",
    "kernel_density",
    "moran",
    "obstacles",
    "quadrants",
    "read_weights",
    "robustness",
    "sensitivity",
    "sigma_convergence",
    "structure",
    "theil",
    "usual_factors",
    "variation",
]
