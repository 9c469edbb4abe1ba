"""The mailbox of the fictitious province, written to a folder and taken in as the office would take it in."""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from xinzhi.demonstration.mailbox import simulated_mails
from xinzhi.forms import forms, load_call, load_form
from xinzhi.forms.opening.workshop import Workshop
from xinzhi.forms.writing.excel import write_excel
from xinzhi.forms.writing.word import write_word
from xinzhi.geography import demonstration_units
from xinzhi.intake.gazetteer import Gazetteer
from xinzhi.intake.returns import Office, intake
from xinzhi.intake.services import standard_services
from xinzhi.intake.sources import deliveries
from xinzhi.intake.store import Store
from xinzhi.language import gettext as _

MAILBOX, STORE, FORMS, INDEX = "mailbox", "store", "forms", "mails.txt"


def rehearse(
    folder: Path, clock: Callable[[], datetime], step: Callable[[str], None] = lambda _name: None
) -> None:
    """Write blank forms and a mailbox into a folder, and take the mailbox in.

    Parameters
    ----------
    folder : Path
        Receives ``forms/``, ``mailbox/`` with the mails, ``mails.txt`` that says what each shows, and ``store/``.
    clock : callable
        The time at which records are made, with a time zone.
    step : callable
        Called with the name of each thing done.
    """
    _write_forms(folder / FORMS)
    mails = simulated_mails()
    (folder / MAILBOX).mkdir()
    for mail in mails:
        (folder / MAILBOX / f"{mail.name}.eml").write_bytes(mail.data)
    about = "".join(f"{mail.name}.eml  {mail.about}\n" for mail in mails)
    (folder / INDEX).write_text(_("演示数据: 示例省的模拟邮件") + "\n" + about, encoding="utf-8")
    office = Office(places=Gazetteer(demonstration_units()), trusted=("mx.example.org",))
    with Store(folder / STORE) as store, Workshop(children=os.cpu_count() or 1) as workshop:
        intake(
            deliveries(folder / MAILBOX),
            call=load_call(),
            store=store,
            services=standard_services(workshop, clock),
            office=office,
            progress=lambda made: step(made.name),
        )


def _write_forms(folder: Path) -> None:
    folder.mkdir()
    for name in forms():
        form = load_form(name)
        write_word(form, {}, folder / f"{form.id}.docx")
        write_excel(form, {}, folder / f"{form.id}.xlsx")
