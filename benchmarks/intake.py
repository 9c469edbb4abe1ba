"""Forms and mails against reading and hashing the same bytes."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import resource
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.timing import Line, in_turn
from xinzhi.demonstration import simulated_case, simulated_figures
from xinzhi.forms import load_call, load_form
from xinzhi.forms.opening.perusal import peruse
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.writing.word import write_word
from xinzhi.geography import demonstration_units
from xinzhi.intake.gazetteer import Gazetteer
from xinzhi.intake.returns import Office, intake
from xinzhi.intake.services import standard_services
from xinzhi.intake.sources import Delivery, mail_delivery
from xinzhi.intake.store import Store

MAILS, PICTURES = 300, 4
WIDTH, HEIGHT = 4000, 3000  # 12 megapixels
LEAST = 2_000_000  # bytes of a picture


def lines() -> Iterator[Line]:
    """Yield the comparisons."""
    for name in ("indicators", "case"):
        yield form(name)
    yield mails(0, MAILS, promised=15.0)
    yield mails(PICTURES, MAILS, promised=3.0)


def form(name: str) -> Line:
    data = filled(name)
    ours, peer = in_turn(lambda: peruse(data), lambda: hashlib.sha256(data).hexdigest(), rounds=15)
    return Line(f"{name} form with fonts and colours, one process", ours, peer, "SHA-256 of its bytes", 0.015)


def filled(name: str, number: int = 0) -> bytes:
    loaded, unit = load_form(name), demonstration_units()[1 + number % 9]
    answers = (
        simulated_figures(loaded, unit, number)
        if name == "indicators"
        else simulated_case(loaded, f"{unit.path}样品公司", f"样品改造 {number}", number)
    )
    file = io.BytesIO()
    write_word(loaded, answers, file, unit=unit if name == "indicators" else None, demonstration=True)
    return file.getvalue()


def mails(pictures: int, count: int, promised: float) -> Line:
    """Take in mails that are generated as they are read; the peer keeps only their hash."""
    shots = [photograph(seed) for seed in range(pictures)]
    office = Office(places=Gazetteer(demonstration_units()))
    before = peak()
    with (
        tempfile.TemporaryDirectory() as folder,
        Store(Path(folder)) as store,
        Workshop(children=os.cpu_count() or 1) as workshop,
    ):
        start = time.perf_counter()
        intake(
            stream(count, shots),
            call=load_call(),
            store=store,
            services=standard_services(workshop, lambda: datetime.now(UTC)),
            office=office,
        )
        ours = (time.perf_counter() - start) / count
    start = time.perf_counter()
    for delivery in stream(count, shots):
        hashlib.sha256(delivery.files[0].content()).hexdigest()
    peer = (time.perf_counter() - start) / count
    what = (
        f"a mail with form and {pictures} pictures of {WIDTH * HEIGHT // 10**6} Mpx"
        if pictures
        else "a mail with form"
    )
    grown = f"peak memory grew by {peak() - before:.0f} MB over {count} mails; {1 / ours:.1f} mails a second"
    return Line(what, ours, peer, "making and hashing it", 1 / promised, note=grown)


def stream(count: int, shots: list[bytes]) -> Iterator[Delivery]:
    """Yield mails as they are made; what is the same in all of them is encoded once, so that making costs little."""
    encoded = [base64.encodebytes(shot[: len(shot) // 57 * 57]) for shot in shots]
    for number in range(count):
        unit = demonstration_units()[1 + number % 9]
        subject = f"数据+{unit.name}人民政府+张三样例+010-00000000".encode()
        head = (
            b"Received: from a by b; Tue, 01 Jul 2025 09:00:00 +0800\r\n"
            b"Message-ID: <%d@example.com>\r\nFrom: sample%d@example.com\r\nSubject: %s\r\n"
            b"MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=part\r\n\r\n"
        ) % (number, number, subject)
        form = base64.encodebytes(filled("case" if shots else "indicators", number))
        parts = [part("附件.docx", form)]
        for place, shot in enumerate(encoded, start=1):
            # Bytes behind the end of the picture make it a file of its own without drawing it anew.
            parts.append(part(f"图{place}.jpg", shot + base64.encodebytes(number.to_bytes(4, "big"))))
        yield mail_delivery(head + b"".join(parts) + b"--part--\r\n", f"{number}.eml")


def part(name: str, encoded: bytes) -> bytes:
    head = "--part\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: attachment; filename="
    return head.encode() + f'"{name}"'.encode() + b"\r\n\r\n" + encoded


def photograph(seed: int) -> bytes:
    """A JPEG with detail at every scale, of 12 megapixels and just above 2 MB."""
    noise = np.random.default_rng(seed)
    image = np.zeros((HEIGHT, WIDTH, 3), dtype=np.float32)
    for scale in (2, 16, 80):
        coarse = noise.uniform(0, 255, (HEIGHT // scale + 1, WIDTH // scale + 1, 3)).astype(np.float32)
        image += np.repeat(np.repeat(coarse, scale, 0), scale, 1)[:HEIGHT, :WIDTH] / 3
    drawn = Image.fromarray(image.astype(np.uint8))
    for quality in range(10, 100, 5):
        file = io.BytesIO()
        drawn.save(file, "JPEG", quality=quality)
        if file.tell() >= LEAST:
            return file.getvalue()
    raise AssertionError("no quality makes it large enough")


def peak() -> float:
    """Most memory of this process so far, in megabytes."""
    scale = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale / 1e6
