"""Files of a return: attached whole or piece by piece, shown re-encoded, taken down; Word and Excel down and up."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.request import RawPostDataException
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinzhi.campaign.pages import actor_in, page, signed_in
from xinzhi.campaign.refusals import Conflict, Refused
from xinzhi.campaign.returns import inside, operations, uploads
from xinzhi.campaign.returns.doors import filers_return, own_return, told_as_json
from xinzhi.campaign.returns.exchange import KINDS, LARGEST_FORM, compared, written
from xinzhi.campaign.returns.keys import keys_of
from xinzhi.campaign.returns.material import look_at, require_size
from xinzhi.campaign.returns.models import Attachment, Return, Upload
from xinzhi.campaign.returns.opening import workshop
from xinzhi.campaign.returns.sheets import said_in, title_of
from xinzhi.campaign.returns.states import EDITABLE, STATES
from xinzhi.campaign.storage.files import take
from xinzhi.forms import message, remedy
from xinzhi.forms.refusals import Refusal
from xinzhi.language import gettext as _

# --- attaching -------------------------------------------------------------------------------------------


@require_POST
@signed_in
def attach(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Attach a file that came whole, without a script."""
    filed = filers_return(request, slug, id)
    file, sort = _uploaded(request), request.POST.get("sort", "")
    name = file.name or _("未命名")
    require_size(filed, sort, name, file.size or 0)
    data = file.read()
    looked = look_at(filed, sort, name, data)
    operations.attach(
        actor_in(request),
        filed,
        sort,
        name,
        data,
        caption=request.POST.get("caption", ""),
        kind=looked.kind,
        facts=looked.facts,
    )
    messages.success(request, _("已收下 {name}").format(name=name))
    return redirect(_files_of(filed))


@require_POST
@told_as_json
def upload_begin(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Begin an upload, or find the one that broke off: ``sort, name, size, fingerprint``; answers how far it is."""
    filed = filers_return(request, slug, id)
    size = request.POST.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 12):
        raise Refused(_("没有说明文件的大小"))
    upload = uploads.begin(
        actor_in(request),
        filed,
        request.POST.get("sort", ""),
        request.POST.get("name", ""),
        request.POST.get("fingerprint", ""),
        int(size),
    )
    return _told(filed, upload)


@require_http_methods(["GET", "POST"])
@told_as_json
def upload_piece(request: HttpRequest, slug: str, id: UUID, upload: UUID) -> HttpResponse:
    """Take the piece that begins at ``Upload-Offset``; with the last one the file is looked at and attached."""
    filed = filers_return(request, slug, id)
    found = get_object_or_404(
        Upload.objects.select_related("of__campaign", "of__unit"),
        pk=upload,
        of=filed,
        by=actor_in(request).user,
    )
    if request.method == "GET":
        return _told(filed, found)
    offset = request.headers.get("Upload-Offset", "")
    if not (offset.isascii() and offset.isdigit() and len(offset) < 12):
        raise Refused(_("没有说明这一段从哪里开始"))
    try:
        if int(offset) < found.size:
            found = uploads.receive(found, int(offset), request.body)
    except RawPostDataException as error:  # a form came, whose fields were read for its token
        raise Refused(_("保存的请求写法不对"), remedy=_("请刷新页面再填")) from error
    except Conflict:
        found.refresh_from_db()
        return _told(filed, found, status=409)
    if found.received < found.size:
        return _told(filed, found)
    attached = uploads.finish(actor_in(request), found)
    return JsonResponse(
        {"attached": str(attached.pk), "name": attached.name, "facts": attached.facts, "to": _files_of(filed)}
    )


def _told(filed: Return, upload: Upload, status: int = 200) -> JsonResponse:
    address = reverse("return_upload_piece", args=[filed.campaign.slug, filed.pk, upload.pk])
    return JsonResponse(
        {"to": address, "received": upload.received, "piece": uploads.LARGEST_PIECE}, status=status
    )


@require_POST
@signed_in
def caption(request: HttpRequest, slug: str, id: UUID, attachment: UUID) -> HttpResponse:
    """Put a caption under a picture."""
    filed = filers_return(request, slug, id)
    held = _held(filed, attachment)
    operations.caption(actor_in(request), filed, held, request.POST.get("caption", ""))
    messages.success(request, _("图注已保存"))
    return redirect(_files_of(filed))


@require_POST
@signed_in
def remove(request: HttpRequest, slug: str, id: UUID, attachment: UUID) -> HttpResponse:
    """Take a file off a return."""
    filed = filers_return(request, slug, id)
    held = _held(filed, attachment)
    operations.detach(actor_in(request), filed, held)
    messages.success(request, _("已去掉 {name}").format(name=held.name))
    return redirect(_files_of(filed))


@require_POST
@signed_in
def take_out(request: HttpRequest, slug: str, id: UUID, attachment: UUID) -> HttpResponse:
    """Attach the pictures inside a Word form that were ticked."""
    filed = filers_return(request, slug, id)
    held = _held(filed, attachment)
    made = inside.take_out(actor_in(request), filed, held, request.POST.getlist("picture"))
    if not made:
        raise Refused(_("没有选中图片"), where=held.name, remedy=_("请先勾选要取用的图片"))
    messages.success(request, _("取用了 {n} 张图片").format(n=len(made)))
    return redirect(_files_of(filed))


# --- taking out ------------------------------------------------------------------------------------------


@require_GET
@signed_in
def download(request: HttpRequest, slug: str, id: UUID, attachment: UUID) -> HttpResponse:
    """Give a file back as it came: saved by the browser, never shown by it."""
    filed = own_return(request, slug, id)
    held = get_object_or_404(Attachment.objects.select_related("blob"), pk=attachment, of=filed)
    return _file(take(held.blob), "application/octet-stream", held.name)


@require_GET
@signed_in
def picture(request: HttpRequest, slug: str, id: UUID, attachment: UUID) -> HttpResponse:
    """Show a picture as the limited child has made it anew, without anything the file said beside it."""
    filed = own_return(request, slug, id)
    held = get_object_or_404(
        Attachment.objects.select_related("blob"), pk=attachment, of=filed, sort="picture"
    )
    try:
        shown = workshop().show(take(held.blob))
    except Refusal as refusal:
        raise Refused(message(refusal.finding), where=held.name, remedy=remedy(refusal.finding)) from refusal
    return as_picture(shown)


@require_GET
@signed_in
def picture_inside(request: HttpRequest, slug: str, id: UUID, attachment: UUID, digest: str) -> HttpResponse:
    """Show a picture that lies in a Word form, made anew like every picture."""
    filed = own_return(request, slug, id)
    held = get_object_or_404(
        Attachment.objects.select_related("blob"), pk=attachment, of=filed, sort="original"
    )
    return as_picture(inside.shown(held, digest))


def as_picture(shown: bytes) -> HttpResponse:
    """Answer with a picture that was made anew."""
    response = HttpResponse(shown, content_type="image/jpeg")
    response.headers["Cache-Control"] = "private, max-age=3600"
    return response


@require_GET
@signed_in
def form_file(request: HttpRequest, slug: str, id: UUID, kind: str) -> HttpResponse:
    """Give the return as a Word file or workbook, to be sealed or filled in elsewhere."""
    filed = own_return(request, slug, id)
    if kind not in KINDS:
        raise Http404
    wanted = KINDS[kind]
    name = f"{filed.unit.name}-{filed.title or filed.declared.title.zh}.{wanted.ending}"
    return _file(written(filed, wanted), wanted.media_type, name)


def _file(data: bytes, media_type: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=media_type)
    response.headers["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=" ".join(name.split())) or ""
    )
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return response


# --- Word and Excel up -----------------------------------------------------------------------------------


@require_POST
@signed_in
def compare(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Hold a Word file or workbook against the draft; nothing is changed until a person has chosen."""
    filed = filers_return(request, slug, id)
    if filed.state not in EDITABLE:
        raise Refused(_("{state}的填报不能再改").format(state=STATES[filed.state]), where=str(filed))
    file = _uploaded(request)
    name = file.name or _("未命名")
    data = file.read(LARGEST_FORM + 1)
    found = compared(filed, name, data)
    kept = inside.keep(actor_in(request), filed, name, data, found.pictures)
    form = filed.declared
    return page(
        request,
        "returns/compare.html",
        campaign=filed.campaign,
        here="filing_home",
        title=_("文件与填报内容的差别"),
        filed=filed,
        name=name,
        found=found,
        pictures=len(kept.facts["pictures"]) if kept else 0,
        files=_files_of(filed),
        told=[(message(finding), remedy(finding)) for finding in found.findings],
        cells=[
            {
                "difference": difference,
                "title": title_of(form, difference.key),
                "now": said_in(form, difference.key, difference.now),
                "in_file": said_in(form, difference.key, difference.in_file),
            }
            for difference in found.differences
        ],
    )


@require_POST
@signed_in
def take_over(request: HttpRequest, slug: str, id: UUID) -> HttpResponse:
    """Take over from a file the cells that a person has chosen; of those changed in between both texts are kept."""
    filed = filers_return(request, slug, id)
    kind = KINDS.get(request.POST.get("channel", ""))
    if kind is None:
        raise Refused(_("没有说明内容来自哪种文件"))
    rest = request.POST.get("rest") == "file"
    texts, seen = {}, {}
    for key in keys_of(filed.declared):
        text = request.POST.get(f"file:{key}")
        if text is not None and (request.POST.get(f"take:{key}") or ("file" if rest else "now")) == "file":
            texts[key] = text.replace("\r\n", "\n")
            given = request.POST.get(f"seen:{key}", "")
            seen[key] = int(given) if given.isascii() and given.isdigit() and len(given) < 9 else 0
    saved = operations.save_cells(replace(actor_in(request), channel=kind.channel), filed, texts, seen)
    taken = sum(1 for s in saved.values() if s.outcome == "saved")
    messages.success(request, _("从文件取用了 {n} 格").format(n=taken))
    if taken < len(saved):
        messages.warning(
            request, _("{n} 格在此期间有了变化, 没有覆盖; 请在下面选择").format(n=len(saved) - taken)
        )
    return redirect("return", slug, id)


def _uploaded(request: HttpRequest) -> UploadedFile[bytes]:
    file = request.FILES.get("file")
    if not isinstance(file, UploadedFile):
        raise Refused(_("没有选择文件"), remedy=_("请选择文件后再上传"))
    return file


def _held(filed: Return, attachment: UUID) -> Attachment:
    return get_object_or_404(Attachment, pk=attachment, of=filed, removed_at=None)


def _files_of(filed: Return) -> str:
    return f"{reverse('return', args=[filed.campaign.slug, filed.pk])}#files"
