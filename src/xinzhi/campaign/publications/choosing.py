"""What goes into an edition, and how a form states it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from uuid import UUID

from django.http import QueryDict

from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.refusals import Refused
from xinzhi.campaign.results.models import Computed
from xinzhi.campaign.review.publishable import PublishableCase
from xinzhi.declarations import Record, Text
from xinzhi.language import gettext as _
from xinzhi.publish.edition import LICENCES

LONGEST_TITLE = 120
LONGEST_NOTICE = 2_000


class ChosenCase(Record):
    """A case in the version that was chosen."""

    id: UUID
    version: int


class Chosen(Record):
    """What goes into an edition.

    Attributes
    ----------
    results : tuple of int
        Numbers of results of the campaign; the one that the edition is about first.
    printed : bool
        Whether the table that the paper prints goes in.
    notice : Text, optional
        What this edition corrects; none in the first.
    """

    title: Text
    results: tuple[int, ...]
    printed: bool = False
    cases: tuple[ChosenCase, ...] = ()
    licence: str
    publisher: str
    day: date
    notice: Text | None = None


def publishable_results(campaign: Campaign) -> list[Computed]:
    """Return the results that an edition may hold: the one proposed first, then the others that are computed.

    There is none as long as no result is proposed.
    """
    found = campaign.computed.defer("scores", "methodology_text").filter(state__in=("proposed", "computed"))
    ordered = sorted(found, key=lambda made: (made.state != "proposed", made.number))
    return ordered if ordered and ordered[0].state == "proposed" else []


def chosen_in(
    told: QueryDict, results: Collection[Computed], cases: Collection[PublishableCase], *, correcting: bool
) -> Chosen:
    """Return what a form states.

    Parameters
    ----------
    told : QueryDict
    results : collection of Computed
        As :func:`publishable_results` gives them.
    cases : collection of PublishableCase
    correcting : bool
        Whether an edition is published already, so that this one has to say what it corrects.

    Raises
    ------
    Refused
        If something is missing or cannot be chosen; the message says what.
    """
    ticked = set(told.getlist("result"))
    chosen = [made for made in results if str(made.number) in ticked]
    if not chosen or chosen[0].state != "proposed":
        raise Refused(
            _("没有选已提议发布的结果"),
            where=_("结果"),
            remedy=_("发布的主要结果是已提议的那一个; 请勾选它"),
        )
    for made in chosen:
        if sum(other.methodology == made.methodology for other in chosen) > 1:
            raise Refused(
                _("有两个结果用的是同一个方法 {id}").format(id=made.methodology),
                where=_("结果"),
                remedy=_("每个方法请只选一个结果"),
            )
    kept = set(told.getlist("case"))
    return Chosen(
        title=Text(
            zh=_line(told, "title_zh", _("标题 (中文)")), en=_line(told, "title_en", _("标题 (英文)"))
        ),
        results=tuple(made.number for made in chosen),
        printed="printed" in told,
        cases=tuple(ChosenCase(id=case.id, version=case.version) for case in cases if str(case.id) in kept),
        licence=_licence(told.get("licence", "")),
        publisher=_line(told, "publisher", _("发布者")),
        day=_day(told.get("day", "")),
        notice=_notice(told) if correcting else None,
    )


def both_texts(told: QueryDict, name: str, called: str) -> Text:
    """Return a text that has to be given in both languages."""
    return Text(
        zh=_line(told, f"{name}_zh", _("{what} (中文)").format(what=called), LONGEST_NOTICE),
        en=_line(told, f"{name}_en", _("{what} (英文)").format(what=called), LONGEST_NOTICE),
    )


def _notice(told: QueryDict) -> Text:
    return both_texts(told, "notice", _("更正说明"))


def _line(told: QueryDict, name: str, called: str, longest: int = LONGEST_TITLE) -> str:
    text = told.get(name, "").strip()
    if not text:
        raise Refused(_("没有填写"), where=called, remedy=_("请填写后再提交"))
    if len(text) > longest:
        raise Refused(
            _("有 {n} 字, 最多 {most} 字").format(n=len(text), most=longest),
            where=called,
            remedy=_("请缩短后再提交"),
        )
    return text


def _licence(text: str) -> str:
    if text not in LICENCES:
        raise Refused(_("没有这种许可"), where=_("许可"), remedy=_("请在列出的许可里选"))
    return text


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Refused(
            _("“{text}”不是日期, 请写成 2025-08-31").format(text=text[:40]), where=_("发布日期")
        ) from None
