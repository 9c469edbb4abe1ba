"""Ways to weigh indicators: by the figures, by each unit's own advantage, by experts."""

from xinzhi.index.weights.benefit import BenefitOfTheDoubt, benefit_of_the_doubt
from xinzhi.index.weights.components import Scattering, factor, from_loadings, pca, scatter, varimax
from xinzhi.index.weights.concordance import Concordance, concordance
from xinzhi.index.weights.dispersion import critic, entropy, variation
from xinzhi.index.weights.experts import ExpertWeights, delphi, expert_weights
from xinzhi.index.weights.items import Items, children_of, indicators_of
from xinzhi.index.weights.pairwise import (
    Judgement,
    PairwiseMatrix,
    PairwiseWeights,
    pairwise_matrix,
    pairwise_weights,
)
from xinzhi.index.weights.survey import Survey, survey

__all__ = [
    "BenefitOfTheDoubt",
    "Concordance",
    "ExpertWeights",
    "Items",
    "Judgement",
    "PairwiseMatrix",
    "PairwiseWeights",
    "Scattering",
    "Survey",
    "benefit_of_the_doubt",
    "children_of",
    "concordance",
    "critic",
    "delphi",
    "entropy",
    "expert_weights",
    "factor",
    "from_loadings",
    "indicators_of",
    "pairwise_matrix",
    "pairwise_weights",
    "pca",
    "scatter",
    "survey",
    "variation",
    "varimax",
]
