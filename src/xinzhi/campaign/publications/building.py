"""The work of building an edition: its site, its bundle, and the white paper as PDF and Word in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.steps import PUBLIC
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.results.operations import computed_anew
from xinzhi.campaign.review.publishable import as_published, publishable_cases
from xinzhi.index import Result
from xinzhi.index.saving import result_hash
from xinzhi.language import LANGUAGES, speaking
from xinzhi.language import gettext as _
from xinzhi.output import CONTENTS
from xinzhi.publish.cases import PublishedCase
from xinzhi.publish.edition import Edition, Imprint, Notice, edition_of
from xinzhi.reproduction import printed_index

_PAPER_STEPS = 4  # of which the writing of a paper tells

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
    """Return the site with everything in it, by name: pages, data, bundle, white papers in both languages.

    Raises
    ------
    XinzhiError
        If the fonts are not there, or a paper or page cannot be set as it ought to be.
    """
    try:
        from xinzhi.publish.fonts import font_folder
        from xinzhi.publish.paper import BUNDLE, PDF, WORD, write_paper
        from xinzhi.publish.website import write_site
    except ModuleNotFoundError as error:
        raise Refused(
            _("没有安装 {package}").format(package=error.name),
            remedy=_("请用 pip install 'xinzhi[platform,publish]' 安装"),
        ) from error

    fonts, papers = font_folder(), {}
    told = _Share(report, len(LANGUAGES) * (_PAPER_STEPS + _pages(edition)))
    with TemporaryDirectory() as temporary:
        for language in LANGUAGES:
            folder = Path(temporary) / language
            with speaking(language):
                write_paper(edition, folder, fonts, progress=told)
            for name in (PDF, WORD):
                papers[f"white-paper-{language}{Path(name).suffix}"] = (folder / name).read_bytes()
        bundle = (Path(temporary) / LANGUAGES[0] / BUNDLE).read_bytes()
        site = write_site(edition, Path(temporary) / "site", papers=papers, bundle=bundle, progress=told)
        files = (path for path in site.rglob("*") if path.is_file() and path.name != CONTENTS)
        return {path.relative_to(site).as_posix(): path.read_bytes() for path in files}


class _Share:
    """Counts steps, and reports how far it is in whole hundredths."""

    def __init__(self, report: Callable[[float], None], expected: int) -> None:
        self._report, self._expected, self._done, self._said = report, expected, 0, 0.0

    def __call__(self, _what: str) -> None:
        self._done += 1
        share = 0.1 + 0.85 * min(1.0, self._done / self._expected)
        if share - self._said >= 0.01:
            self._said = share
            self._report(share)


def _pages(edition: Edition) -> int:
    """Return about how many pages a site has in one language."""
    units = sum(len(assessment.standing.codes) for assessment in edition.assessments)
    return units + len(edition.cases) + 8 * len(edition.assessments) + 3


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
        cases=_cases(publication),
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


def _cases(publication: Publication) -> tuple[PublishedCase, ...]:
    able = {(case.id, case.version): case for case in publishable_cases(publication.campaign)}
    chosen = [(case.id, case.version) for case in publication.chosen.cases]
    if missing := [key for key in chosen if key not in able]:
        raise Refused(
            _("有 {n} 个案例现在不能发表").format(n=len(missing)),
            remedy=_("同意已撤回, 或案例有了新的版本; 请去掉它们, 重新准备这一版"),
        )
    return tuple(as_published(publication.campaign, [able[key] for key in chosen]))
