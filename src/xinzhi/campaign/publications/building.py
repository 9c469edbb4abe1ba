"""The work of building an edition: its site, its bundle, and the white paper as PDF and Word in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from xinzhi.campaign.publications.front import front_material, front_pages
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.steps import PUBLIC
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.results.operations import computed_anew
from xinzhi.campaign.review.publishable import as_published, publishable_cases
from xinzhi.index import Result
from xinzhi.index.saving import result_hash
from xinzhi.language import LANGUAGES, speaking
from xinzhi.language import gettext as _
from xinzhi.publish.cases import PublishedCase
from xinzhi.publish.edition import Edition, Imprint, Notice, edition_of
from xinzhi.reproduction import printed_index

_PAPER_STEPS = 4  # that a paper tells of

if TYPE_CHECKING:
    from xinzhi.campaign.results.models import Computed


def made(publication: Publication, report: Callable[[float], None]) -> dict[str, bytes]:
    """Build all files of an edition.

    Parameters
    ----------
    publication : Publication
    report : callable
        Told how far it is, from 0 to 1.

    Raises
    ------
    XinzhiError
        If a result, a case or a font is not there as it was chosen.
    """
    edition = edition_for(publication)
    report(0.1)
    return files_of(edition, report)


def files_of(edition: Edition, report: Callable[[float], None]) -> dict[str, bytes]:
    """Return the pages, the white paper in both languages and the bundle, by name.

    Raises
    ------
    XinzhiError
        If the fonts are not there, or the paper cannot be set as it ought to be.
    """
    from xinzhi.publish.fonts import font_folder  # with what is installed for publication alone
    from xinzhi.publish.paper import BUNDLE, PDF, WORD, write_paper

    fonts = font_folder()
    files: dict[str, bytes] = {}
    steps = iter(range(1, 2 * _PAPER_STEPS + 1))
    with TemporaryDirectory() as temporary:
        for language in LANGUAGES:
            folder, prefix = Path(temporary) / language, "" if language == "zh" else f"{language}/"
            with speaking(language):
                write_paper(
                    edition,
                    folder,
                    fonts,
                    progress=lambda _name: report(0.1 + 0.8 * next(steps) / (2 * _PAPER_STEPS)),
                )
                files |= {prefix + name: (folder / name).read_bytes() for name in (PDF, WORD)}
                files |= {prefix + name: text.encode() for name, text in front_pages(edition).items()}
        files[BUNDLE] = (Path(temporary) / "zh" / BUNDLE).read_bytes()
    return files | front_material(edition)


def edition_for(publication: Publication) -> Edition:
    """Return what an edition holds, with the corrections of those before it.

    Raises
    ------
    Refused
        If a result is not what it was, or a case may no longer be published as it was chosen.
    """
    campaign, chosen = publication.campaign, publication.chosen
    computed = {made.number: made for made in campaign.computed.filter(number__in=chosen.results)}
    before = campaign.publications.filter(number__lt=publication.number, state__in=PUBLIC)
    notices = [
        Notice(edition.chosen.day, edition.chosen.notice)
        for edition in [*before.order_by("number"), publication]
        if edition.chosen.notice
    ]
    return edition_of(
        [_result(computed[number]) for number in chosen.results],
        [printed_index()] if chosen.printed else [],
        title=chosen.title,
        cases=tuple(_cases(publication)),
        imprint=Imprint(
            chosen.publisher, chosen.licence, chosen.day, publication.number, tuple(reversed(notices))
        ),
    )


def _result(made: Computed) -> Result:
    result = computed_anew(made)
    if result_hash(result) != made.summary["digest"]:
        raise Refused(
            _("重算的结果与算出时的不一致"),
            where=_("第 {n} 号结果").format(n=made.number),
            remedy=_("程序可能换了版本; 请重新计算、比较, 再提议发布"),
        )
    return result


def _cases(publication: Publication) -> Iterator[PublishedCase]:
    campaign = publication.campaign
    able = {case.id: case for case in publishable_cases(campaign)}
    for chosen in publication.chosen.cases:
        case = able.get(chosen.id)
        if case is None or case.version != chosen.version:
            raise Refused(
                _("有 {n} 个案例现在不能发表").format(n=1),
                where=case.title if case else str(chosen.id),
                remedy=_("同意已撤回, 或案例有了新的版本; 请去掉它们, 重新准备这一版"),
            )
    return as_published(campaign, [able[chosen.id] for chosen in publication.chosen.cases])
