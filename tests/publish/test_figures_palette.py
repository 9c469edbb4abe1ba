"""The colours: readable, told apart without colour vision, darker for more."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pytest

from xinzhi.publish.figures.palette import contrast, palette

# Machado, Oliveira & Fernandes (2009), severity 1.0, on linear RGB.
SIGHT = {
    "normal": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def lab(colour, sight="normal"):
    """CIE L*a*b* of a colour (D65) as somebody of this sight sees it."""
    share = np.array([int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)])
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    xyz = TO_XYZ @ np.clip(np.asarray(SIGHT[sight]) @ linear, 0, 1) / [0.95047, 1, 1.08883]
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def test_contrast_is_that_of_wcag():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)  # WebAIM's example of a near miss


def test_eight_categories_stand_out_from_the_ground():
    p = palette()
    assert len(set(p.categories)) == 8
    assert [c for c in p.categories if contrast(c, p.ground) < 3] == []


@pytest.mark.parametrize("sight", SIGHT)
def test_categories_are_told_apart(sight):
    # A distance of 20 in L*a*b* is far beyond the 2.3 that is just noticeable.
    close = [
        (a, b) for a, b in combinations(palette().categories, 2)
        if np.linalg.norm(lab(a, sight) - lab(b, sight)) < 20
    ]  # fmt: skip
    assert close == []


def test_text_is_readable():
    p = palette()
    assert contrast(p.ink, p.ground) >= 7
    assert contrast(p.muted, p.ground) >= 4.5
    for colour in (*p.sequential, *p.diverging, p.wash):
        assert contrast(p.on(colour), colour) >= 4.5, colour


def test_more_is_darker():
    lightness = [lab(colour)[0] for colour in palette().sequential]
    assert all(a - b >= 8 for a, b in pairwise(lightness))


def test_the_middle_of_the_diverging_ramp_is_the_lightest():
    lightness = [lab(colour)[0] for colour in palette().diverging]
    assert max(lightness) == lightness[2]
    assert lightness[0] < lightness[1] and lightness[4] < lightness[3]


def test_lines_and_points_differ_without_colour():
    p = palette()
    assert len(p.dashes) == len(p.symbols) == len(p.categories)
    assert len(set(p.symbols)) == 8
