"""One family of errors: what happened, where, and what to do next."""

from __future__ import annotations

import errno

from xinzhi.language import gettext as _


class XinzhiError(ValueError):
    """A wrong input or call, told so that the reader can mend it.

    Parameters
    ----------
    what : str
        What is wrong, in the reader's language.
    where : str, optional
        File, table, unit, year, cell: whatever leads to the place.
    remedy : str, optional
        What to do next.
    """

    #: What the command line exits with: 1 when the data or a file has findings.
    exit_status = 1

    def __init__(self, what: str, *, where: str = "", remedy: str = "") -> None:
        self.what, self.where, self.remedy = what, where, remedy
        super().__init__("\n".join(part for part in (f"{where}: {what}" if where else what, remedy) if part))


class MethodologyError(XinzhiError):
    """A methodology that cannot be used as it is written."""


class PanelError(XinzhiError):
    """Data that cannot be read without guessing."""


class ComputeError(XinzhiError):
    """A call or an input for which no index is defined."""


class CallError(XinzhiError):
    """A call that names something that does not exist, or a place that cannot be written."""

    exit_status = 2


def reason(error: OSError) -> str:
    """Say in the reader's language why the system refused; in its own words where ours do not reach."""
    match error.errno:
        case errno.ENOENT:
            return _("文件或文件夹不存在")
        case errno.EACCES | errno.EPERM:
            return _("没有权限")
        case errno.EISDIR:
            return _("这是文件夹")
        case errno.ENOTDIR:
            return _("路径中有一段不是文件夹")
        case errno.EEXIST:
            return _("已有同名的文件")
        case errno.ENOSPC | errno.EDQUOT:
            return _("磁盘已满")
        case errno.ECONNREFUSED:
            return _("对方没有在这个端口接受连接")
        case errno.ECONNRESET | errno.EPIPE | errno.ECONNABORTED:
            return _("对方中断了连接")
        case errno.EHOSTUNREACH | errno.ENETUNREACH | errno.ENETDOWN:
            return _("网络不通")
        case errno.EROFS:
            return _("磁盘是只读的")
        case errno.EFBIG:
            return _("文件太大")
        case errno.ENAMETOOLONG:
            return _("名称太长")
        case errno.ELOOP:
            return _("链接绕成了圈")
        case _other:
            return error.strerror or str(error)
