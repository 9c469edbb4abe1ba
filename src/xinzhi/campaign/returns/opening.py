"""The one workshop of this process: files of strangers are opened in its limited children, begun when first needed."""

from __future__ import annotations

import atexit
import threading

from xinzhi.forms.opening.workshop import Workshop

CHILDREN = 2

_lock = threading.Lock()
_workshop: Workshop | None = None


def workshop() -> Workshop:
    """Return the workshop; its children end with the process."""
    global _workshop
    with _lock:
        if _workshop is None:
            _workshop = Workshop(children=CHILDREN)
            atexit.register(_workshop.close)
        return _workshop
