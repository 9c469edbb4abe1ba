"""The mails of the fictitious province: sound ones, and one for each way in which mails go wrong."""

from __future__ import annotations

import base64
import io
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from email import policy
from email.message import EmailMessage
from email.utils import format_datetime

from xinzhi.declarations import Text
from xinzhi.demonstration.returns import Filed, simulated_case, simulated_figures, simulated_picture
from xinzhi.forms import CaseForm, IndicatorForm, load_call, load_form
from xinzhi.forms.writing.excel import write_excel
from xinzhi.forms.writing.word import write_word
from xinzhi.geography import Unit, demonstration_units

_CONTACT, _PHONE = "张三样例", "010-00000000"
_MAILBOX = "sample-mailbox@example.org"
_FIRST = datetime(2025, 7, 1, 9, 0)  # Shanghai time; each further mail comes some hours later
_STEP = timedelta(hours=31, minutes=7)
_LATE = datetime(2025, 9, 1, 0, 0, 5)
_BOMB = 60_000_000  # bytes of zeros in a few kilobytes
_POLICY = policy.SMTP.clone(max_line_length=None)  # a folded line would tear the stand-ins of raw bytes
_RAW = re.compile(rb"RAW-(?:[0-9A-F]{2})+")
_WORD = "application", "vnd.openxmlformats-officedocument.wordprocessingml.document"
_EXCEL = "application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True, slots=True)
class SimulatedMail:
    """A mail as bytes, the time at which the receiving server took it, and what it shows."""

    name: str
    about: Text
    data: bytes
    received: datetime


def simulated_mails(seed: int = 2025) -> tuple[SimulatedMail, ...]:
    """Return the mails of the demonstration, the same for the same seed.

    Each carries 演示数据 in its text and in its forms; all names, addresses and numbers are invented.
    """
    zone = load_call().zone
    mails = []
    for position, (name, about, build) in enumerate(_scenarios(_Office(seed))):
        received = (_LATE if name == "late" else _FIRST + position * _STEP).replace(tzinfo=zone)
        mails.append(
            SimulatedMail(f"{position + 1:02d}-{name}", about, _posted(build(), name, received), received)
        )
    return tuple(mails)


class _Office:
    """The desks of the fictitious province, where forms are filled and mails written."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        indicators, case = load_form("indicators"), load_form("case")
        assert isinstance(indicators, IndicatorForm) and isinstance(case, CaseForm)
        self.indicators, self.case = indicators, case
        self.units = {unit.code: unit for unit in demonstration_units()}

    def figures(self, unit: Unit) -> Filed:
        return simulated_figures(self.indicators, unit, self.seed)

    def figures_file(self, unit: Unit, changes: Filed | None = None) -> bytes:
        return _written(write_word, self.indicators, {**self.figures(unit), **(changes or {})}, unit)

    def figures_sheet(self, unit: Unit) -> bytes:
        return _written(write_excel, self.indicators, self.figures(unit), unit)

    def case_file(self, filer: str, title: str, changes: Mapping[str, str] | None = None) -> bytes:
        filed = simulated_case(self.case, filer, title, self.seed)
        return _written(
            write_word, self.case, {**filed, **{(id, None): text for id, text in (changes or {}).items()}}
        )

    def case_text(self, filer: str, title: str) -> Mapping[str, str]:
        filed = simulated_case(self.case, filer, title, self.seed)
        return {id: str(filed[id, None]) for id in self.case.sections}


def _scenarios(office: _Office) -> Iterator[tuple[str, Text, Callable[[], EmailMessage]]]:
    unit = office.units
    firm, other = "示例省甲样县样品轴承有限公司", "示例省丁样市样品建材有限公司"
    title = "轴承套圈智能产线改造"

    def figures(code: str, **how: str) -> EmailMessage:
        name = unit[code].path.removeprefix("示例省")
        subject = how.get("subject", f"县域指标数据+{name}人民政府+{_CONTACT}+{_PHONE}")
        return _mail(subject, [(f"附件1-{unit[code].name}.docx", office.figures_file(unit[code]))])

    yield (
        "figures-word",
        Text(zh="指标表 (Word), 没有问题", en="figures in Word, nothing wrong"),
        lambda: figures("990121"),
    )
    yield (
        "figures-excel",
        Text(zh="指标表 (Excel), 带原始数", en="figures in Excel with the working figures"),
        lambda: _mail(
            f"RE: 数据_乙样县统计局_{_CONTACT}_{_PHONE}",
            [("乙样县填报表.xlsx", office.figures_sheet(unit["990122"]))],
        ),
    )
    yield (
        "figures-slips",
        Text(
            zh="单位写错、比值当百分数、缺数",
            en="wrong unit of measure, a ratio for a percentage, a figure missing",
        ),
        lambda: _mail(
            f"县域数据＋丙样县人民政府＋{_CONTACT}＋{_PHONE}",
            [("附件1.docx", office.figures_file(unit["990123"], _slips(office.figures(unit["990123"]))))],
        ),
    )
    yield (
        "gbk",
        Text(zh="主题和文件名用 GBK 编码", en="subject and file name in raw GBK"),
        lambda: _gbk(figures("990181", subject=f"数据-丁样市人民政府-{_CONTACT}-{_PHONE}")),
    )
    yield (
        "forwarded",
        Text(zh="转发的邮件, 表在里面", en="a forwarded mail with the form inside"),
        lambda: _forwarded(figures("990223")),
    )
    yield (
        "homonym",
        Text(zh="重名: 没有写明是哪个市、盟的南样县", en="a homonym: 南样县 of which prefecture is not said"),
        lambda: _mail(
            f"数据+南样县人民政府+{_CONTACT}+{_PHONE}",
            [("附件1.docx", _written(write_word, office.indicators, office.figures(unit["990224"])))],
        ),
    )
    yield (
        "district",
        Text(zh="市辖区报了指标数据", en="a city district files figures"),
        lambda: figures("990102"),
    )
    yield (
        "case",
        Text(
            zh="企业案例: 一个压缩包, 四张图, 佐证, 盖章扫描件",
            en="a case in one archive, with pictures, evidence and seal",
        ),
        lambda: _mail(
            f"{title}+{firm}+{_CONTACT}+{_PHONE}", [("案例.zip", _zip(_case_files(office, firm, title)))]
        ),
    )
    yield (
        "case-short",
        Text(
            zh="企业案例: 图片不足, 宣传性用语, 没有盖章页",
            en="a case short of pictures, with words of praise and no seal",
        ),
        lambda: _mail(
            f"绿色建材示范 {other} {_CONTACT} {_PHONE}",
            [
                (
                    "案例材料.zip",
                    _zip(
                        {
                            "附件2.docx": office.case_file(
                                other,
                                "绿色建材示范",
                                {"results": "项目国际领先，成效显著，硕果累累，得到一致好评。" * 3},
                            ),
                            "图1.jpg": simulated_picture(11),
                        },
                        gbk=True,
                    ),
                )
            ],
        ),
    )
    yield (
        "case-copied",
        Text(zh="另一家企业照抄前一个案例", en="another firm copies the case before it"),
        lambda: _mail(
            f"水泵叶轮产线改造+示例省己样县样品水泵有限公司+{_CONTACT}+{_PHONE}",
            [
                (
                    "案例.zip",
                    _zip(
                        _case_files(
                            office,
                            "示例省己样县样品水泵有限公司",
                            "水泵叶轮产线改造",
                            office.case_text(firm, title),
                        )
                    ),
                )
            ],
        ),
    )
    yield (
        "again",
        Text(zh="同一封邮件又发一次", en="a mail sent once more"),
        lambda: figures("990121"),
    )
    yield (
        "link",
        Text(zh="超大附件只有下载链接", en="a large attachment that is only a link"),
        lambda: _linked(f"数据+戊样县人民政府+{_CONTACT}+{_PHONE}"),
    )
    yield (
        "automatic",
        Text(zh="自动回复, 不应答", en="an automatic answer, which is not answered"),
        _automatic,
    )
    yield (
        "bomb",
        Text(zh="压缩炸弹", en="an archive that unpacks without end"),
        lambda: _mail(f"案例+某单位+{_CONTACT}+{_PHONE}", [("材料.zip", _bomb())]),
    )
    yield (
        "classified",
        Text(zh="文件带密级标志", en="a file with a classification mark"),
        lambda: _mail(
            f"案例+示例省样品研究院+{_CONTACT}+{_PHONE}",
            [("附件2.docx", office.case_file("示例省样品研究院", "机密★10年"))],
        ),
    )
    yield (
        "late",
        Text(zh="截止时间之后才到", en="arrived after the deadline"),
        lambda: figures("990321"),
    )


def _slips(filed: Filed) -> Filed:
    gdp, share = filed["gdp", 2024], filed["non_tax_share", 2023]
    assert isinstance(gdp, Decimal) and isinstance(share, Decimal)
    return {
        ("gdp", 2024): gdp * 10_000,
        ("non_tax_share", 2023): (share / 100).quantize(Decimal("0.01")),
        ("loans", 2024): None,
    }


def _case_files(
    office: _Office, firm: str, title: str, changes: Mapping[str, str] | None = None
) -> dict[str, bytes]:
    shade = sum(firm.encode()) % 1000
    return {
        "附件2 案例填报表.docx": office.case_file(firm, title, changes),
        **{f"图{n} 厂区.jpg": simulated_picture(shade + n) for n in range(1, 4)},
        "佐证/能效检测报告.pdf": _pdf("Energy test report, DEMONSTRATION DATA"),
        "佐证/发明专利证书.pdf": _pdf("Patent certificate, DEMONSTRATION DATA"),
        "盖章页扫描件.jpg": simulated_picture(shade + 9),
    }


# --- files -----------------------------------------------------------------------------------------------


def _written(
    write: Callable[..., None], form: IndicatorForm | CaseForm, filed: Filed, unit: Unit | None = None
) -> bytes:
    file = io.BytesIO()
    write(form, filed, file, unit=unit, demonstration=True)
    return file.getvalue()


class _GbkEntry(zipfile.ZipInfo):
    """An entry as old Chinese systems write it: its name in GBK, without saying so."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("gbk"), self.flag_bits


def _zip(files: Mapping[str, bytes], *, gbk: bool = False) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in files.items():
            entry = (_GbkEntry if gbk else zipfile.ZipInfo)(name, date_time=(2025, 7, 1, 9, 0, 0))
            kind = zipfile.ZIP_STORED if name.endswith(".jpg") else zipfile.ZIP_DEFLATED
            archive.writestr(entry, data, compress_type=kind)
    return file.getvalue()


def _bomb() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for number in range(3):
            archive.writestr(
                zipfile.ZipInfo(f"材料{number}.docx", (2025, 7, 1, 9, 0, 0)),
                bytes(_BOMB),
                zipfile.ZIP_DEFLATED,
            )
    return file.getvalue()


def _pdf(text: str) -> bytes:
    """Return the smallest PDF that shows a line of text."""
    stream = f"BT /F1 18 Tf 60 760 Td ({text}) Tj ET".encode("ascii")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n%s" % (len(objects) + 1, table)
    return out + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start)


# --- mails -----------------------------------------------------------------------------------------------


def _mail(subject: str, attachments: list[tuple[str, bytes]]) -> EmailMessage:
    mail = EmailMessage()
    mail["Subject"] = subject
    mail["From"] = f"{_CONTACT} <sample@example.com>"
    mail["To"] = _MAILBOX
    mail.set_content("演示数据。材料见附件, 请查收。\n\n" + f"{_CONTACT}\n{_PHONE}\n")
    for name, data in attachments:
        kind, subtype = {".docx": _WORD, ".xlsx": _EXCEL}.get(name[-5:], ("application", "octet-stream"))
        mail.add_attachment(data, maintype=kind, subtype=subtype, filename=name)
    return mail


def _posted(mail: EmailMessage, name: str, received: datetime) -> bytes:
    """Return the bytes of a mail as the receiving server keeps it, the same in every run."""
    mail["Message-ID"] = f"<{name}@example.com>"
    mail["Date"] = format_datetime(received - timedelta(seconds=20))
    for number, part in enumerate(part for part in mail.walk() if part.is_multipart()):
        if part.get_content_maintype() == "multipart":
            part.set_boundary(f"=-=-{name}-{number}-=-=")
    head = f"Received: from mail.example.com by mx.example.org; {format_datetime(received)}\r\n".encode(
        "ascii"
    )
    data = head + mail.as_bytes(policy=_POLICY)
    for text in _RAW.findall(data):
        data = data.replace(text, base64.b16decode(text[4:]), 1)
    return data


def _gbk(mail: EmailMessage) -> EmailMessage:
    """Let the subject and the name of the attachment stand in the mail as bytes of GBK."""
    (attachment,) = mail.iter_attachments()
    name = _raw(str(attachment.get_filename()))
    attachment.replace_header("Content-Disposition", f'attachment; filename="{name}"')
    mail.replace_header("Subject", _raw(str(mail["Subject"])))
    return mail


def _raw(text: str) -> str:
    """Return a stand-in of ASCII, since the library would encode anything else; posting puts the bytes there."""
    return "RAW-" + base64.b16encode(text.encode("gbk")).decode("ascii")


def _forwarded(inner: EmailMessage) -> EmailMessage:
    inner["Date"] = "Mon, 30 Jun 2025 17:05:00 +0800"
    mail = EmailMessage()
    mail["Subject"] = f"转发: {inner['Subject']}"
    mail["From"] = "范例市办公室 <office-sample@example.com>"
    mail["To"] = _MAILBOX
    mail.set_content("演示数据。转来县里的材料。\n")
    mail.add_attachment(inner)
    return mail


def _linked(subject: str) -> EmailMessage:
    mail = _mail(subject, [])
    mail.set_content(
        "演示数据。\n从网易邮箱发来的超大附件\n案例材料.zip (86.20M, 2025年8月20日 17:30 到期)\n"
        "下载: https://mail.163.com/large-attachment-download/index.html?p=sample\n"
    )
    return mail


def _automatic() -> EmailMessage:
    mail = _mail("自动回复: 您的来信已收到", [])
    mail["Auto-Submitted"] = "auto-replied"
    return mail
