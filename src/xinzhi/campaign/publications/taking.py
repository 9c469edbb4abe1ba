"""Taking the newest edition of a campaign to a folder, for any web server."""

from __future__ import annotations

from pathlib import Path

from xinzhi.campaign.publications import shelf
from xinzhi.campaign.publications.models import Publication
from xinzhi.campaign.publications.queries import public
from xinzhi.errors import CallError
from xinzhi.language import gettext as _
from xinzhi.output import whole_folder


def write_published(slug: str, folder: Path) -> Publication:
    """Write the files of the newest edition of a campaign to a folder.

    Raises
    ------
    CallError
        If no edition of such a campaign is out, or the folder cannot be written or holds something else.
    """
    editions = public(slug)
    if not editions:
        raise CallError(
            _("没有已发布的版本"),
            where=slug,
            remedy=_("请检查征集的短名; 在平台的“发布”里批准并公开后再写出"),
        )
    newest = editions[0]
    if newest.state == "withdrawn":
        raise CallError(
            _("最新的第 {n} 版已撤下: {reason}").format(n=newest.number, reason=newest.why), where=slug
        )
    with whole_folder(folder, "site") as draft:
        for name, data in shelf.unpacked(newest).items():
            (draft / name).parent.mkdir(parents=True, exist_ok=True)
            (draft / name).write_bytes(data)
    return newest
