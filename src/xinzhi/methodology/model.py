"""WHAT is measured: an indicator system as frozen records, read from one TOML file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import Field, PrivateAttr

from xinzhi.declarations import Identifier, Record, Text, VariableName
from xinzhi.formula import Formula
from xinzhi.methodology.methods import (
    Aggregation,
    Arithmetic,
    GapRule,
    MinMax,
    Normalisation,
    Treatment,
    Weighting,
    Year,
)

FILE_NAME = r"^([^./\\:][^/\\:]*)?$"

FileName = Annotated[str, Field(pattern=FILE_NAME, max_length=200)]


class Statement(Text):
    """What every result must say; `about` tells what it depends on.

    A statement about the ``weights`` is not said when others are in force, one about the ``indicators`` not
    when some are left out, one about the ``figures`` only of those that come with the methodology.
    """

    about: tuple[Literal["weights", "indicators", "figures"], ...] = ()


class Changed(Record):
    """What was changed after loading: indicators left out, and where the weights come from."""

    without: tuple[Text, ...] = ()
    weights: bool = False


class Source(Record):
    """Where the methodology comes from."""

    citation: Text
    doi: str = ""
    number: str = ""
    note: Text | None = None


class Variable(Record):
    """A measured quantity: what an indicator and an input of a formula have in common.

    `aliases` are further headings under which data files name it; `limits` the possible values.
    """

    title: Text
    unit: str = ""
    decimals: int = Field(2, ge=0, le=12)
    source: Text | None = None
    gap: tuple[GapRule, ...] = ()
    limits: tuple[float | None, float | None] = (None, None)
    aliases: tuple[str, ...] = ()
    note: Text | None = None


class Input(Variable):
    """A figure that is not scored itself but enters the formula of an indicator."""


class Indicator(Variable):
    """A scored variable: a leaf of the tree.

    `treatment` names its steps, applied in their order, so that a reading can change one of them. `formula`
    derives it from other variables. ``formula_use = "missing"`` computes only where no figure was
    reported; ``"always"`` never looks at a reported one.
    """

    parent: VariableName | None = None
    weight: float | None = Field(None, ge=0)
    direction: Literal["positive", "negative"]
    treatment: Mapping[str, Treatment] = Field(default_factory=dict)
    normalisation: Normalisation | None = None
    formula: str = ""
    formula_use: Literal["missing", "always"] = "missing"
    tags: tuple[str, ...] = ()
    stands_for: Text | None = None

    @cached_property
    def parsed_formula(self) -> Formula | None:
        """The formula, parsed; None where there is none."""
        return Formula(self.formula) if self.formula else None


class Dimension(Record):
    """An inner node of the tree."""

    title: Text
    parent: VariableName | None = None
    weight: float | None = Field(None, ge=0)
    aggregation: Aggregation | None = None
    note: Text | None = None


class Root(Record):
    """The top of the tree: the index itself."""

    id: VariableName = "index"
    title: Text
    weight: float = Field(100.0, gt=0)


class MissingPolicy(Record):
    """What a node does when figures are missing after the gap rules.

    ``reweight`` takes the mean over what is there (and the share of missing weight is reported);
    ``propagate`` gives no score. A unit with less than `at_least` of the weight is not scored either way.
    """

    policy: Literal["reweight", "propagate"] = "reweight"
    at_least: float = Field(0.0, ge=0, le=1)


class Ranking(Record):
    """How units are ordered, and which take no part."""

    ties: Literal["min", "dense", "average"] = "min"
    without_kinds: tuple[str, ...] = ()


class ReadingOption(Record):
    """One way to read an open passage: a patch of the methodology's own tables."""

    title: Text
    note: Text | None = None
    set: Mapping[str, Any] = Field(default_factory=dict)


class Reading(Record):
    """A passage of the source that can be read in more than one way, and which way is the default."""

    title: Text
    passage: Text
    default: Identifier
    options: Mapping[Identifier, ReadingOption]


class Methodology(Record):
    """An indicator system with everything needed to compute it.

    Obtained from :func:`xinzhi.load_methodology`; `docs/methodology.md` explains each key.
    """

    id: Identifier
    title: Text
    based_on: str = ""
    source: Source
    level: str = Field(min_length=1)
    years: tuple[Year, ...] = Field(min_length=1)
    regions: str = ""
    scale: float = Field(100.0, gt=0)
    figures: FileName = ""
    statements: tuple[Statement, ...] = ()
    changed: Changed = Changed()
    normalisation: Normalisation = MinMax(method="minmax")
    weighting: Weighting
    aggregation: Aggregation = Arithmetic(method="arithmetic")
    missing: MissingPolicy = MissingPolicy()
    ranking: Ranking = Ranking()
    root: Root
    dimensions: Mapping[VariableName, Dimension] = Field(default_factory=dict)
    indicators: Mapping[VariableName, Indicator] = Field(min_length=1)
    inputs: Mapping[VariableName, Input] = Field(default_factory=dict)
    readings: Mapping[Identifier, Reading] = Field(default_factory=dict)

    _name: str = PrivateAttr(default="")
    _text: str = PrivateAttr(default="")
    _document: dict[str, Any] = PrivateAttr(default_factory=dict)
    _folder: Path | None = PrivateAttr(default=None)

    @property
    def chosen_readings(self) -> dict[str, str]:
        """The option in force for every reading."""
        return {name: reading.default for name, reading in self.readings.items()}

    @property
    def document(self) -> dict[str, Any]:
        """The TOML tables this methodology was built from, each reading's default being the one in force."""
        return self._document

    @property
    def text(self) -> str:
        """The TOML text as it was loaded; empty for a methodology changed afterwards."""
        return self._text

    @property
    def folder(self) -> Path | None:
        """The folder of the file it was loaded from."""
        return self._folder

    @cached_property
    def tree(self) -> Tree:
        """The nodes in depth-first order."""
        return Tree(self)

    def variables(self) -> Iterator[tuple[str, Variable]]:
        """Yield indicators, then inputs, each with its id."""
        yield from self.indicators.items()
        yield from self.inputs.items()

    def variable(self, id: str) -> Variable:
        """Return the indicator or input `id`."""
        return self.indicators[id] if id in self.indicators else self.inputs[id]

    def node_title(self, id: str) -> str:
        """Return the title of a node in the current language."""
        return str(self.node_text(id))

    def node_text(self, id: str) -> Text:
        """Return the title of a node in both languages."""
        if id == self.root.id:
            return self.root.title
        return self.dimensions[id].title if id in self.dimensions else self.indicators[id].title


class Tree:
    """The nodes of a methodology: root first, parents before children, in the order of the file.

    Attributes
    ----------
    nodes : tuple of str
        Ids of all nodes, root first.
    leaves : tuple of str
        Ids of the indicators, in the order of `nodes`.
    children : dict of str to tuple of str
        Children of each inner node.
    parent : dict of str to str
        Parent of each node but the root.
    """

    def __init__(self, methodology: Methodology) -> None:
        root = methodology.root.id
        children: dict[str, list[str]] = {name: [] for name in (root, *methodology.dimensions)}
        parents = [(name, node.parent) for name, node in methodology.dimensions.items()]
        parents += [(name, node.parent) for name, node in methodology.indicators.items()]
        for name, parent in parents:
            children[parent or root].append(name)
        self.root = root
        self.children = {name: tuple(members) for name, members in children.items()}
        self.nodes = tuple(self._walk(root))
        self.leaves = tuple(node for node in self.nodes if node not in self.children)
        self.inner = tuple(node for node in self.nodes if node in self.children)
        self.parent = {child: node for node, members in self.children.items() for child in members}

    def _walk(self, node: str) -> Iterator[str]:
        yield node
        for child in self.children.get(node, ()):
            yield from self._walk(child)

    def depth(self, node: str) -> int:
        """Return how many steps lie between `node` and the root."""
        return 0 if node == self.root else 1 + self.depth(self.parent[node])

    def leaves_under(self, node: str) -> tuple[str, ...]:
        """Return the indicators under `node`, itself included when it is one."""
        return tuple(name for name in self._walk(node) if name not in self.children)
