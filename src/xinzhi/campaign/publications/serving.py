"""Giving out what was built: content types, conditions, caching, headers, and a line above pages that need one."""

from __future__ import annotations

import hashlib
import re
from datetime import datetime
from pathlib import PurePosixPath

from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response
from django.utils.html import format_html
from django.utils.http import http_date

from xinzhi.campaign.publications import shelf
from xinzhi.campaign.publications.models import Publication

TYPES = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".geojson": "application/geo+json",
    ".csv": "text/csv; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".md": "text/plain; charset=utf-8",
    ".toml": "text/plain; charset=utf-8",
    ".cff": "text/plain; charset=utf-8",
    ".xml": "application/xml",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".webp": "image/webp",
    ".ico": "image/x-icon",
    ".woff2": "font/woff2",
    ".webmanifest": "application/manifest+json",
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".parquet": "application/vnd.apache.parquet",
    ".zip": "application/zip",
}
UNKNOWN = "application/octet-stream"

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
"""What a browser lets published pages do: nothing inline, nothing from elsewhere."""

SHORT = "public, max-age=60"
"""Of what is public: an edition that is withdrawn has to be gone from caches within a minute."""

_INDEX = "index.html"
_LARGE = 1_000_000  # bytes; what is larger is not held in memory
_BODY = re.compile(rb"<body[^>]*>")


def given(
    request: HttpRequest,
    edition: Publication,
    name: str,
    *,
    line: str = "",
    changed: datetime | None = None,
    cache: str = SHORT,
) -> HttpResponseBase:
    """Return a file of what was built for an edition.

    Parameters
    ----------
    name : str
        Its name below the root of the site; that of a folder means the ``index.html`` in it.
    line : str, optional
        HTML that is put above every page.
    changed : datetime, optional
        For ``Last-Modified``.
    cache : str
        For ``Cache-Control``.

    Raises
    ------
    Http404
        If nothing of this name was built.
    """
    if name == "" or name.endswith("/"):
        name += _INDEX
    held = shelf.find(edition, name)
    if held is None:
        if shelf.find(edition, f"{name}/{_INDEX}"):
            return HttpResponseRedirect(f"{request.path}/")
        raise Http404
    kind = TYPES.get(PurePosixPath(name).suffix.lower(), UNKNOWN)
    above = line.encode() if kind.startswith("text/html") else b""
    etag = f'"{held.digest[:32]}{hashlib.sha256(above).hexdigest()[:8] if above else ""}"'
    when = int(changed.timestamp()) if changed and not above else None
    unchanged = get_conditional_response(request, etag=etag, last_modified=when)
    response: HttpResponseBase = unchanged or _whole(request, held, above)
    response.headers["Content-Type"] = kind
    response.headers["ETag"] = etag
    if when:
        response.headers["Last-Modified"] = http_date(when)
    response.headers["Cache-Control"] = cache
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Content-Language"] = "en" if name.startswith("en/") else "zh-Hans"
    return response


def line_above(address: str, *texts: tuple[str, str]) -> str:
    """Return the line that stands above a page: texts with their languages, and where they lead."""
    said = [format_html('<a href="{}" lang="{}">{}</a>', address, language, text) for language, text in texts]
    return f'<div class="page" role="note"><p class="mark">{" · ".join(said)}</p></div>'


def _whole(request: HttpRequest, held: shelf.Held, above: bytes) -> HttpResponseBase:
    size = held.size
    if above:
        page = held.path.read_bytes()
        body = _BODY.search(page)
        place = body.end() if body else 0
        page = page[:place] + above + page[place:]
        size = len(page)
    if request.method == "HEAD":
        response: HttpResponseBase = HttpResponse()
    elif above:
        response = HttpResponse(page)
    elif size < _LARGE:
        response = HttpResponse(held.path.read_bytes())
    else:
        response = FileResponse(held.path.open("rb"))
    response.headers["Content-Length"] = str(size)
    return response
