"""Likeness of cases: which share text or pictures, how much, and which passages, side by side."""

from __future__ import annotations

import heapq
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import numpy as np
from numpy.typing import NDArray

from xinzhi.language import gettext as _

GRAM = 5
"""Characters of a shingle."""

COMMON_SHARE, COMMON_FEWEST = 0.05, 10
"""What stands in more than this share of the cases, and in more than this many, belongs to none of them."""

LONGEST = 20_000
"""Characters of a text, signs left out, in which passages are looked for; a case has 3,000."""

_PERMUTATIONS = 128
_FOUND = 0.9  # chance to meet a pair at the threshold, one text twice as long as the other
_MISSED = 1.64  # standard errors below the threshold at which an estimate is not looked into: 5 % are missed

_GENERATOR = np.random.default_rng(20250603)
_WEIGHTS = _GENERATOR.integers(1 << 62, size=GRAM, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_FACTORS = _GENERATOR.integers(1 << 31, size=(_PERMUTATIONS, 1), dtype=np.uint32) * np.uint32(2) + np.uint32(
    1
)
_SHIFTS = _GENERATOR.integers(1 << 32, size=(_PERMUTATIONS, 1), dtype=np.uint32)
_MOST_WAITING = 4_000_000  # pairs found again and again by many bands, before they are put together
_BLOCK = 4096  # shingles hashed at a time: 2 MB of work space, which stays in the cache

Shingles = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Pair:
    """Two cases that share text.

    `jaccard` is what they share over all that either has, `containment` over what the shorter one has; both count
    distinct shingles, those common to many cases left out.
    """

    one: str
    other: str
    jaccard: float
    containment: float


@dataclass(frozen=True, slots=True)
class PicturePair:
    """Two pictures whose fingerprints differ in `distance` of 64 bits."""

    one: str
    other: str
    distance: int


@dataclass(frozen=True, slots=True)
class Passage:
    """A shared passage: where it begins in either text, its letters and digits, and its words in the first."""

    start_one: int
    start_other: int
    length: int
    text: str
    length_one: int
    length_other: int


# --- cases ------------------------------------------------------------------------------------------------


def alike(
    cases: Mapping[str, str], threshold: float = 0.5, *, printed: Iterable[str] = ()
) -> tuple[Pair, ...]:
    """Find the cases that share text.

    Parameters
    ----------
    cases : mapping
        Id to text.
    threshold : float
        Least share of the shorter text's shingles that stand in the other (`containment`).
    printed : iterable of str
        What the form itself prints; it is nobody's text.

    Returns
    -------
    tuple of Pair
        The most alike first; `one` comes before `other` in `cases`.
    """
    return Likeness(cases, printed=printed).pairs(threshold)


class Likeness:
    """All cases by what their text shares.

    Shingles are runs of five letters or digits after NFKC, case folded, without white space and punctuation.
    Signatures are MinHash with 128 permutations (Broder 1997), found together by bands and then compared exactly.
    What stands in more than 5 % and in more than ten of the cases (policy phrases) and what the form prints is left
    out, except in a case that is mostly made of it: that one is itself a copy. It is counted when the object is
    made; cases added later are held against that count.

    Parameters
    ----------
    cases : mapping
        Id to text.
    printed : iterable of str
        What the form itself prints.
    """

    def __init__(self, cases: Mapping[str, str] | None = None, *, printed: Iterable[str] = ()) -> None:
        shingles = [_shingles(text) for text in (cases or {}).values()]
        self.printed = _shingles("\n".join(printed))
        self.common = np.union1d(_common(shingles), self.printed)
        self._ids = list(cases or {})
        self._places = {id: place for place, id in enumerate(self._ids)}
        self._own = [self._without_common(found) for found in shingles]
        self._sizes = np.array([len(own) for own in self._own], dtype=np.int64)
        self._signatures = np.empty((len(shingles), _PERMUTATIONS), dtype=np.uint32)
        for place, own in enumerate(self._own):
            self._signatures[place] = _signature(own)

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, id: str, text: str) -> None:
        """Add a case, or put another text in its place."""
        own = self._without_common(_shingles(text))
        place = self._places.setdefault(id, len(self._ids))
        if place == len(self._ids):
            self._ids.append(id)
            self._own.append(own)
            if place == len(self._signatures):
                grown = max(64, 2 * place)
                self._signatures = np.resize(self._signatures, (grown, _PERMUTATIONS))
                self._sizes = np.resize(self._sizes, grown)
        self._own[place], self._sizes[place], self._signatures[place] = own, len(own), _signature(own)

    def like(self, id: str, threshold: float = 0.5) -> tuple[Pair, ...]:
        """Return the cases that share text with one of them, which is `one` of every pair.

        Raises
        ------
        KeyError
            If there is no such case.
        """
        place = self._places[id]
        others = np.delete(np.arange(len(self)), place)
        return self._verified(np.full_like(others, place), others, threshold)

    def pairs(self, threshold: float = 0.5) -> tuple[Pair, ...]:
        """Return all pairs that share text, the most alike first.

        Of the pairs at the threshold 19 of 20 are found where the texts are about as long as each other, and 17 of
        20 where one is twice as long; a little above the threshold all.
        """
        ones, others = self._candidates(_rows(threshold))
        return self._verified(ones, others, threshold)

    def _without_common(self, shingles: Shingles) -> Shingles:
        unprinted = np.setdiff1d(shingles, self.printed, assume_unique=True)
        own = np.setdiff1d(unprinted, self.common, assume_unique=True)
        return own if 2 * len(own) >= len(unprinted) else unprinted

    def _candidates(self, rows: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Return the pairs that agree in a band of `rows` signature values."""
        filled = np.flatnonzero(self._sizes[: len(self)])
        found: list[NDArray[np.int64]] = []
        for first in range(0, _PERMUTATIONS - rows + 1, rows):
            band = self._signatures[filled, first : first + rows].astype(np.uint64)
            keys = _mixed((band * _WEIGHTS[:rows]).sum(axis=1, dtype=np.uint64))
            found.append(_together(keys, filled, len(self)))
            if sum(map(len, found[1:])) > _MOST_WAITING:
                found = [_union(found)]
        pairs = _union(found)
        return pairs // max(1, len(self)), pairs % max(1, len(self))

    def _verified(
        self, ones: NDArray[np.int64], others: NDArray[np.int64], threshold: float
    ) -> tuple[Pair, ...]:
        found = []
        for one, other in self._promising(ones, others, threshold):
            pair = self._compared(one, other)
            if pair.containment >= threshold:
                found.append(pair)
        return tuple(sorted(found, key=lambda pair: (-pair.containment, -pair.jaccard, pair.one, pair.other)))

    def _promising(
        self, ones: NDArray[np.int64], others: NDArray[np.int64], threshold: float
    ) -> Iterator[tuple[int, int]]:
        """Yield the pairs whose signatures agree as often as those of a pair at the threshold nearly always do."""
        for start in range(0, len(ones), _BLOCK):
            one, other = ones[start : start + _BLOCK], others[start : start + _BLOCK]
            agreeing = (self._signatures[one] == self._signatures[other]).sum(axis=1)
            a, b = self._sizes[one], self._sizes[other]
            shared = threshold * np.minimum(a, b)
            least = shared / np.maximum(a + b - shared, 1)
            slack = _MISSED * np.sqrt(least * (1 - least) / _PERMUTATIONS)
            kept = (agreeing >= _PERMUTATIONS * (least - slack)) & (agreeing > 0) & (a > 0) & (b > 0)
            yield from zip(one[kept].tolist(), other[kept].tolist(), strict=True)

    def _compared(self, one: int, other: int) -> Pair:
        mine, theirs = self._own[one], self._own[other]
        shared = len(np.intersect1d(mine, theirs, assume_unique=True))
        return Pair(
            self._ids[one],
            self._ids[other],
            jaccard=shared / (len(mine) + len(theirs) - shared),
            containment=shared / min(len(mine), len(theirs)),
        )


def _shingles(text: str) -> Shingles:
    """Return the distinct shingles of a text as sorted 64-bit numbers."""
    plain = re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())
    return np.unique(_grams(plain))


def _grams(plain: str) -> Shingles:
    signs = np.frombuffer(plain.encode("utf-32-le", "surrogatepass"), dtype="<u4").astype(np.uint64)
    count = len(signs) - GRAM + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    grams = np.zeros(count, dtype=np.uint64)
    for place, weight in enumerate(_WEIGHTS):
        grams += signs[place : place + count] * weight
    return _mixed(grams)


def _mixed(numbers: Shingles) -> Shingles:
    """Spread 64-bit numbers evenly, one to one (the finaliser of SplitMix64, Steele et al. 2014)."""
    numbers = (numbers ^ (numbers >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    numbers = (numbers ^ (numbers >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return numbers ^ (numbers >> np.uint64(31))


def _signature(shingles: Shingles) -> NDArray[np.uint32]:
    """Return the least image of the shingles under each of the permutations of the 32-bit numbers."""
    least = np.full(_PERMUTATIONS, np.iinfo(np.uint32).max, dtype=np.uint32)
    numbers = (shingles >> np.uint64(32)).astype(np.uint32)
    for start in range(0, len(numbers), _BLOCK):
        images = _FACTORS * numbers[start : start + _BLOCK]
        images += _SHIFTS
        np.minimum(least, images.min(axis=1), out=least)
    return least


def _union(pairs: Sequence[NDArray[np.int64]]) -> NDArray[np.int64]:
    return np.unique(np.concatenate(pairs))


def _common(sets: Sequence[Shingles], slices: int = 16) -> Shingles:
    """Return the shingles that too many sets hold; slice by slice of the numbers, so that memory stays small."""
    most = max(COMMON_SHARE * len(sets), COMMON_FEWEST)
    if len(sets) <= most:
        return np.empty(0, dtype=np.uint64)
    limits = np.array([n * ((1 << 64) // slices) for n in range(1, slices)], dtype=np.uint64)
    cuts = [np.concatenate([[0], np.searchsorted(found, limits), [len(found)]]).tolist() for found in sets]
    common = []
    for n in range(slices):
        parts = [found[cut[n] : cut[n + 1]] for found, cut in zip(sets, cuts, strict=True)]
        numbers, counts = np.unique(np.concatenate(parts), return_counts=True)
        common.append(numbers[counts > most])
    return np.concatenate(common)


def _rows(threshold: float) -> int:
    """Return how many signature values make a band, so that a pair at the threshold is met."""
    shared = min(max(threshold, 0.0), 1.0)
    jaccard = shared / (3 - shared)
    for rows in (4, 3, 2):
        if 1 - (1 - jaccard**rows) ** (_PERMUTATIONS // rows) >= _FOUND:
            return rows
    return 1


def _together(keys: Shingles, places: NDArray[np.int64], count: int) -> NDArray[np.int64]:
    """Return every pair of places with the same key, as one number each."""
    order = np.argsort(keys, kind="stable")
    keys, places = keys[order], places[order]
    found = []
    for step in range(1, len(keys)):
        same = keys[step:] == keys[:-step]
        if not same.any():
            break
        found.append(places[:-step][same] * count + places[step:][same])
    return np.concatenate(found) if found else np.empty(0, dtype=np.int64)


# --- passages ---------------------------------------------------------------------------------------------


def shared_passages(
    one: str, other: str, shortest: int = 15, *, common: Shingles | None = None
) -> tuple[Passage, ...]:
    """Find the passages that two texts share, the longest first taken, in the order of the first text.

    Parameters
    ----------
    one, other : str
        The texts. Full and half width, capitals, white space and punctuation make no difference.
    shortest : int
        Fewest letters and digits of a passage.
    common : array, optional
        Shingles of nobody (:attr:`Likeness.common`); of them alone no passage is made.

    Returns
    -------
    tuple of Passage
        No two overlap in either text.
    """
    mine, theirs = _Plain(one), _Plain(other)
    taken = _tiled(_runs(mine.signs, theirs.signs, shortest), len(mine.signs), len(theirs.signs), shortest)
    passages = []
    for start, start_other, length in sorted(taken):
        words = mine.text[start : start + length]
        if common is not None and len(common) and _own_length(words, common) < shortest:
            continue
        begin, end = mine.span(start, length)
        begin_other, end_other = theirs.span(start_other, length)
        passages.append(
            Passage(begin, begin_other, length, one[begin:end], end - begin, end_other - begin_other)
        )
    return tuple(passages)


class _Plain:
    """The letters and digits of a text, and where each stood."""

    def __init__(self, text: str) -> None:
        plain = [
            (sign, place)
            for place, written in enumerate(text)
            for sign in unicodedata.normalize("NFKC", written).casefold()
            if sign.isalnum()
        ][:LONGEST]
        self.text = "".join(sign for sign, _place in plain)
        self.places = [place for _sign, place in plain]
        self.signs = np.array([ord(sign) for sign in self.text], dtype=np.uint32)

    def span(self, start: int, length: int) -> tuple[int, int]:
        return self.places[start], self.places[start + length - 1] + 1


def _runs(
    one: NDArray[np.uint32], other: NDArray[np.uint32], shortest: int
) -> Iterator[tuple[int, int, int]]:
    """Yield the runs of equal signs that can be extended neither way: start, start in the other, length."""
    before = np.zeros(len(other) + 1, dtype=np.int32)  # length of the run that ends before each sign
    for place, sign in enumerate(np.append(one, 0)):
        now = np.zeros_like(before)
        if place < len(one):
            now[1:] = np.where(other == sign, before[:-1] + 1, 0)
        ended = before >= shortest
        if ended.any():
            ended[:-1] &= now[1:] == 0
            for end in np.flatnonzero(ended).tolist():
                length = int(before[end])
                yield place - length, end - length, length
        before = now


def _tiled(
    runs: Iterable[tuple[int, int, int]], size_one: int, size_other: int, shortest: int
) -> list[tuple[int, int, int]]:
    """Take the longest run first, and of the others what is left free in both texts."""
    heap = [(-length, start, start_other) for start, start_other, length in runs]
    heapq.heapify(heap)
    free_one, free_other = np.ones(size_one, dtype=bool), np.ones(size_other, dtype=bool)
    taken = []
    while heap:
        length, start, start_other = heapq.heappop(heap)
        length = -length
        free = free_one[start : start + length] & free_other[start_other : start_other + length]
        if free.all():
            taken.append((start, start_other, length))
            free_one[start : start + length] = free_other[start_other : start_other + length] = False
            continue
        edges = np.flatnonzero(np.diff(np.concatenate([[False], free, [False]]).astype(np.int8)))
        for begin, end in edges.reshape(-1, 2).tolist():
            if end - begin >= shortest:
                heapq.heappush(heap, (begin - end, start + begin, start_other + begin))
    return taken


def _own_length(plain: str, common: Shingles) -> int:
    """Return how many signs of a passage belong to shingles that are not common."""
    own = ~np.isin(_grams(plain), common)
    covered = np.convolve(own, np.ones(GRAM, dtype=int)) > 0
    return int(covered.sum())


# --- side by side -----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Segment:
    """A stretch of a text; `passage` counts the shared passages from 1 and is 0 for the text's own words."""

    text: str
    passage: int = 0

    @property
    def shared(self) -> bool:
        """Whether the other text has it too."""
        return self.passage > 0


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two texts as segments, the same number for the same passage."""

    one: tuple[Segment, ...]
    other: tuple[Segment, ...]

    def lines(self, width: int = 36) -> Iterator[str]:
        """Yield the texts in two columns of `width` half-width characters, shared passages as 【1 ...】."""
        left, right = (_wrapped(_marked(side), width) for side in (self.one, self.other))
        for one, other in zip_longest(left, right, fillvalue=""):
            yield f"{one}{' ' * (width - _width(one))} │ {other}".rstrip()

    def __str__(self) -> str:
        count = sum(segment.shared for segment in self.one)
        return "\n".join([_("共同的段落: {count}").format(count=count), *self.lines()])


def side_by_side(one: str, other: str, passages: Sequence[Passage]) -> SideBySide:
    """Cut two texts into their own segments and the shared ones, for a person to compare."""
    numbered = list(enumerate(passages, start=1))
    return SideBySide(
        _segments(one, [(p.start_one, p.length_one, n) for n, p in numbered]),
        _segments(other, [(p.start_other, p.length_other, n) for n, p in numbered]),
    )


def _segments(text: str, spans: Sequence[tuple[int, int, int]]) -> tuple[Segment, ...]:
    segments, place = [], 0
    for start, length, number in sorted(spans):
        segments += [Segment(text[place:start]), Segment(text[start : start + length], number)]
        place = start + length
    segments.append(Segment(text[place:]))
    return tuple(segment for segment in segments if segment.text)


def _marked(segments: Sequence[Segment]) -> str:
    return "".join(f"【{s.passage} {s.text}】" if s.shared else s.text for s in segments)


def _wrapped(text: str, width: int) -> list[str]:
    lines = []
    for paragraph in text.splitlines():
        line, used = "", 0
        for sign in paragraph:
            if used + _width(sign) > width:
                lines.append(line)
                line, used = "", 0
            line, used = line + sign, used + _width(sign)
        lines.append(line)
    return lines


def _width(text: str) -> int:
    return sum(1 + (unicodedata.east_asian_width(sign) in "WF") for sign in text)


# --- pictures ---------------------------------------------------------------------------------------------


def alike_pictures(dhashes: Mapping[str, str], within: int = 4) -> tuple[PicturePair, ...]:
    """Find pictures that look alike, whatever their size, quality and format.

    Parameters
    ----------
    dhashes : mapping
        Id to 64-bit difference hash as hexadecimal digits (:class:`~xinzhi.forms.reading.PictureFacts`); blank ones
        are left out, and flat pictures, whose hash has hardly a bit of one kind and would be like any other.
    within : int
        Most bits in which two may differ.

    Returns
    -------
    tuple of PicturePair
        The most alike first; `one` comes before `other` in `dhashes`.
    """
    ids = [id for id, dhash in dhashes.items() if dhash]
    prints = np.array([int(dhashes[id], 16) for id in ids], dtype=np.uint64)
    bits = np.bitwise_count(prints)
    uneven = (bits > within) & (bits < 64 - within)
    ids, prints = [id for id, kept in zip(ids, uneven, strict=True) if kept], prints[uneven]
    found = []
    block = max(1, 4_000_000 // max(1, len(prints)))
    for start in range(0, len(prints), block):
        distances = np.bitwise_count(prints[start : start + block, None] ^ prints[None, start:])
        near = np.argwhere(distances <= within)
        for one, other in near[near[:, 1] > near[:, 0]].tolist():
            found.append(PicturePair(ids[start + one], ids[start + other], int(distances[one, other])))
    return tuple(sorted(found, key=lambda pair: (pair.distance, pair.one, pair.other)))
