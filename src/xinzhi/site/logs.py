"""Logs as a line of JSON each, which tools read and people can."""

from __future__ import annotations

import json
import logging
import re
from datetime import UTC, datetime

_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_PHONE = re.compile(r"(?<!\d)1[3-9]\d[\s-]?\d{4}[\s-]?\d{4}(?!\d)")
_CODE = re.compile(r"(/join/)[^/\s\"]+")
_PLAIN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "request", "status_code"}


class JsonLine(logging.Formatter):
    """Write time, level, logger, message, what was given as ``extra``, and the traceback if there is one."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record as a line of JSON."""
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        line |= {key: value for key, value in vars(record).items() if key not in _PLAIN}
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return _without_contacts(json.dumps(line, ensure_ascii=False, default=str))


def _without_contacts(line: str) -> str:
    """Leave out what a fault of a database or mail server quotes: addresses, telephones; and codes of invitations."""
    return _CODE.sub(r"\1…", _PHONE.sub("…", _ADDRESS.sub("…", line)))
