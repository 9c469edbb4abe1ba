"""Write the corpus into a folder for a person to look at: ``python -m tests.corpus.build FOLDER``."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.corpus.collection import ENTRIES


def build(folder: Path) -> int:
    """Write all files into ``accept``, ``ask`` and ``reject``; return how many were written."""
    written = 0
    for entry in ENTRIES:
        data = entry.make()
        if data is None:
            print(f"{entry.name}: left out, LibreOffice is not installed")
            continue
        path = folder / entry.kind / entry.name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        written += 1
    return written


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tests.corpus.build FOLDER")
    print(build(Path(sys.argv[1])))
