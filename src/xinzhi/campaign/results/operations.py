"""The only writes to results: freeze, compute, propose."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from xinzhi.campaign.acting import Actor, the_system
from xinzhi.campaign.audit.chain import head, record
from xinzhi.campaign.campaigns.models import Campaign
from xinzhi.campaign.campaigns.operations import move
from xinzhi.campaign.jobs.queue import enqueue
from xinzhi.campaign.refusals import Conflict, Forbidden, Refused
from xinzhi.campaign.results.freezing import canonical, data_set
from xinzhi.campaign.results.models import Computed, Snapshot
from xinzhi.campaign.storage.files import put
from xinzhi.errors import XinzhiError
from xinzhi.index import Result, save_folder
from xinzhi.index import compute as compute_index
from xinzhi.index.folder import STEPS
from xinzhi.index.saving import result_hash
from xinzhi.index.tables import column_of
from xinzhi.language import LANGUAGES, Language, speaking
from xinzhi.language import gettext as _
from xinzhi.methodology.loading import load_methodology, methodology_toml, parse_methodology
from xinzhi.methodology.model import Methodology

KIND = "result.compute"


@transaction.atomic
def freeze(actor: Actor, campaign: Campaign) -> Snapshot:
    """Freeze a campaign: what is accepted becomes an immutable, numbered snapshot; nobody files any more.

    Raises
    ------
    Forbidden
        If the actor may not.
    Refused
        If nothing is accepted yet, or nothing changed since the last snapshot.
    """
    _require(actor, "freeze", campaign)
    campaign = Campaign.objects.select_for_update().get(pk=campaign.pk)
    frozen = data_set(campaign)
    if not frozen.figures:
        raise Refused(_("还没有审核通过的指标填报, 没有可冻结的数据"), where=campaign.title)
    last = campaign.snapshots.first()
    if last and last.content == frozen.content:
        raise Refused(
            _("与第 {n} 号快照相比, 数据没有变化").format(n=last.number), remedy=_("请直接使用这份快照")
        )
    if campaign.state != "frozen":
        move(actor, campaign, "freeze", campaign.revision)
    number = last.number + 1 if last else 1
    panel = frozen.parquet()
    sequence, digest = head()
    about = frozen.about | {
        "number": number,
        "made_at": actor.now.isoformat(timespec="seconds"),
        "content": frozen.content,
        "panel_sha256": hashlib.sha256(panel).hexdigest(),
        "previous": {"number": last.number, "digest": last.digest} if last else None,
        "audit": {"sequence": sequence, "digest": digest},
    }
    snapshot = Snapshot.objects.create(
        campaign=campaign,
        number=number,
        panel=panel,
        about=about,
        content=frozen.content,
        digest=hashlib.sha256(canonical(about)).hexdigest(),
        made_at=actor.now,
        made_by=actor.user,
    )
    record(
        actor, "snapshot.made", f"snapshot:{snapshot.pk}", campaign=campaign.pk,
        number=number, digest=snapshot.digest, figures=len(frozen.figures),
    )  # fmt: skip
    return snapshot


@transaction.atomic
def order(
    actor: Actor,
    snapshot: Snapshot,
    methodology: Methodology,
    weights: Mapping[str, Any] | None = None,
    without: Iterable[str] = (),
) -> Computed:
    """Order an index of a snapshot; a job computes it.

    Parameters
    ----------
    methodology : Methodology
        As it was chosen or uploaded.
    weights : mapping, optional
        As :class:`Computed` keeps them; the methodology's own by default.
    without : iterable of str
        Indicators or tags to leave out.

    Raises
    ------
    XinzhiError
        If the methodology cannot be changed like that; it is tried before anything is ordered.
    """
    campaign = snapshot.campaign
    _require(actor, "compute", campaign)
    kept = dict(weights or {})
    left_out = list(without)
    load_methodology(methodology, without=left_out, weights=_chosen(kept))
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    made = Computed.objects.create(
        campaign=campaign,
        snapshot=snapshot,
        number=(campaign.computed.aggregate(n=Max("number"))["n"] or 0) + 1,
        methodology=methodology.id,
        methodology_text=methodology_toml(methodology),
        weights=kept,
        without=left_out,
        made_at=actor.now,
        made_by=actor.user,
    )
    made.job = enqueue(actor, KIND, {"computed": made.pk}, key=str(made.pk))
    made.save(update_fields=["job"])
    record(
        actor, "result.ordered", made.subject, campaign=campaign.pk,
        snapshot=snapshot.number, methodology=hashlib.sha256(made.methodology_text.encode()).hexdigest(),
    )  # fmt: skip
    return made


def compute(payload: Mapping[str, Any], report: Callable[[float], None]) -> None:
    """Do the job: compute, keep scores and result folder. Done a second time, it changes nothing."""
    made = Computed.objects.select_related("snapshot", "campaign").get(pk=payload["computed"])
    if made.done:
        return
    try:
        result = computed_anew(made)
    except XinzhiError:
        Computed.objects.filter(pk=made.pk, state="waiting").update(state="failed")
        raise
    report(1 / (STEPS + 2))
    steps = iter(range(2, STEPS + 2))
    folder = _zipped(result, made, lambda _name: report(next(steps) / (STEPS + 2)))
    _keep(made, result, folder)


def computed_anew(made: Computed) -> Result:
    """Compute an index again from what it was ordered with."""
    methodology = parse_methodology(made.methodology_text, name=f"{made.methodology}.toml")
    return compute_index(
        methodology,
        made.snapshot.figures,
        weights=_chosen(made.weights),
        without=made.without,
        years=made.snapshot.about["years"],
    )


@transaction.atomic
def propose(actor: Actor, made: Computed) -> Computed:
    """Propose a result for publication; the one proposed before steps back.

    Raises
    ------
    Conflict
        If it is not computed, or is proposed already.
    """
    _require(actor, "propose", made.campaign)
    Campaign.objects.select_for_update().get(pk=made.campaign_id)
    Computed.objects.filter(campaign=made.campaign_id, state="proposed").exclude(pk=made.pk).update(
        state="computed"
    )
    moved = Computed.objects.filter(pk=made.pk, state="computed").update(
        state="proposed", proposed_at=actor.now, proposed_by=actor.user
    )
    if not moved:
        raise Conflict(_("这个结果现在不能提议发布"), remedy=_("请刷新后再看"))
    record(actor, "result.proposed", made.subject, campaign=made.campaign_id, number=made.number)
    made.refresh_from_db()
    return made


@transaction.atomic
def note_export(actor: Actor, campaign: Campaign, subject: str, file: str) -> None:
    """Note in the audit that somebody took a file away."""
    record(actor, "export.taken", subject, campaign=campaign.pk, file=file)


def as_refusal(fault: XinzhiError) -> Refused:
    """Return what the library refuses as a refusal that a page shows."""
    return Refused(fault.what, where=fault.where, remedy=fault.remedy)


def _require(actor: Actor, permission: Any, campaign: Campaign) -> None:
    if not actor.may(permission, campaign):
        raise Forbidden(_("你没有这项权限"), where=campaign.title)
    if actor.rehearsing and not campaign.demonstration:
        raise Refused(_("演练日期时只能看, 不能改"), remedy=_("先结束演练"))


def _chosen(weights: Mapping[str, Any]) -> str | Mapping[str, float] | None:
    chosen: str | Mapping[str, float] | None = weights.get("of") or weights.get("method")
    return chosen


def _zipped(result: Result, made: Computed, step: Callable[[str], None]) -> bytes:
    name = f"{made.campaign.slug}-result-{made.number}"
    archive = io.BytesIO()
    with TemporaryDirectory() as temporary:
        folder = save_folder(result, Path(temporary) / name, step)
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as whole:
            for path in sorted(folder.iterdir()):
                whole.write(path, f"{name}/{path.name}")
    return archive.getvalue()


def _said(result: Result, language: Language) -> dict[str, Any]:
    """Return what a result says of itself in a language."""
    with speaking(language):
        nodes = {column_of(node): result.methodology.node_title(node) for node in result.nodes}
        return {"title": result.title, "nodes": nodes, "notes": list(result.notes)}


@transaction.atomic
def _keep(made: Computed, result: Result, folder: bytes) -> None:
    held = Computed.objects.select_for_update().get(pk=made.pk)
    if held.done:
        return
    scores = io.BytesIO()
    result.to_polars().write_parquet(scores)
    held.scores = scores.getvalue()
    held.state = "computed"
    held.folder = put(f"campaign-{made.campaign_id}", folder)
    held.summary = {
        "root": column_of(result.methodology.tree.root),
        "years": list(result.years),
        "dimensions": [column_of(node) for node in result.methodology.dimensions],
        "units": len(result.codes),
        "digest": result_hash(result),
        "said": {language: _said(result, language) for language in LANGUAGES},
    }
    held.save()
    record(
        the_system(now=timezone.now()), "result.computed", made.subject, campaign=made.campaign_id,
        number=made.number, digest=held.summary["digest"],
    )  # fmt: skip
