"""Why intake took something for what it did, said in the reader's language when it is shown."""

from __future__ import annotations

from collections.abc import Mapping

from xinzhi.declarations import Record
from xinzhi.forms.reading import Fact
from xinzhi.language import gettext as _


class Reason(Record):
    """One ground: a code, and what its sentence says in its braces."""

    code: str
    facts: Mapping[str, Fact] = {}

    def __str__(self) -> str:
        return _TEXTS[self.code]().format_map(dict(self.facts))


def reason(code: str, **facts: Fact) -> Reason:
    """Return the ground of this code."""
    if code not in _TEXTS:
        raise KeyError(code)
    return Reason(code=code, facts=facts)


# Looked up when shown, not when this module is imported.
_TEXTS = {
    "unit.code": lambda: _("填报表的隐藏标记写着 {text}"),
    "unit.address": lambda: _("地址簿登记了发件地址 {text}"),
    "unit.form": lambda: _("填报表写着“{text}”"),
    "unit.subject": lambda: _("邮件主题写着“{text}”"),
    "unit.title": lambda: _("邮件主题提到“{text}”"),
    "unit.sender": lambda: _("发件人名称写着“{text}”"),
    "unit.file": lambda: _("文件名写着“{text}”"),
    "unit.signature": lambda: _("邮件落款写着“{text}”"),
    "unit.within": lambda: _("来件提到{place}, 同名单位由此确定"),
    "unit.shared": lambda: _("各处写法合起来只符合一个单位"),
    "unit.body": lambda: _("“{name}”不是县级政府的名称"),
    "unit.near": lambda: _("名称表明在{place}"),
    "class.form": lambda: _("内容是《{title}》"),
    "class.kind": lambda: _("内容是 {kind} 格式"),
    "class.word": lambda: _("文件名写着“{word}”"),
    "class.folder": lambda: _("所在文件夹写着“{word}”"),
    "class.nothing": lambda: _("内容和文件名都没有说明"),
    "subject.separator": lambda: _("以“{separator}”分开"),
    "subject.phone": lambda: _("号码的写法是电话"),
    "subject.unit": lambda: _("“{text}”是单位名称"),
    "subject.contact": lambda: _("“{text}”是姓名"),
    "subject.nothing": lambda: _("没有可以分开的部分"),
}
