from __future__ import annotations

from pathlib import Path

import pytest

import xinzhi
from tests.publish.papers import outline_of
from tests.publish.sites import edition_to_publish
from xinzhi.publish.choices import Choices
from xinzhi.publish.edition import Edition, edition_of
from xinzhi.publish.fonts import font_folder
from xinzhi.publish.paper import write_paper
from xinzhi.publish.website import write_site

SHORT = outline_of("provinces", figures=("density",))
CHOICES = Choices(analyses=("robustness",), replications=200)


@pytest.fixture(scope="session")
def provinces():
    return xinzhi.compute("province-open")


@pytest.fixture(scope="session")
def paper_folder(provinces, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A white paper of the open index of the provinces: PDF, Word and bundle."""
    folder = tmp_path_factory.mktemp("publish") / "paper"
    edition = edition_of([provinces], choices=CHOICES)
    return write_paper(edition, folder, font_folder(), outline=outline_of())


@pytest.fixture(scope="session")
def short_paper(provinces, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two chapters of it, with a figure: for tests that spoil a copy, and for those that need no more."""
    folder = tmp_path_factory.mktemp("publish") / "short"
    edition = edition_of([provinces], choices=CHOICES)
    return write_paper(edition, folder, font_folder(), outline=SHORT)


@pytest.fixture(scope="session")
def published(provinces) -> Edition:
    return edition_to_publish(provinces)


@pytest.fixture(scope="session")
def site(published: Edition, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Its public site."""
    papers = {"white-paper.pdf": b"%PDF-1.7 a paper"}
    return write_site(published, tmp_path_factory.mktemp("site") / "site", papers=papers)
