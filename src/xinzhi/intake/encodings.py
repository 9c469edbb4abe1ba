"""Texts from outside: bytes of which nobody says in what encoding they are, and names that hide something."""

from __future__ import annotations

_NO_WIDTH = "\u00ad\u200b\u200c\u200d\u2060\ufeff"


def legible(text: str) -> str:
    r"""Return a name from outside on one line, with what nobody sees written out: a turned direction as ``\u202e``.

    Signs that have no width and no harm (a mark of byte order, spaces without width) are left out.
    """
    spaced = " ".join(text.split())
    return "".join(
        sign if sign.isprintable() else "" if sign in _NO_WIDTH else f"\\u{ord(sign):04x}" for sign in spaced
    )


def guessed(data: bytes) -> str:
    """Decode bytes without a declared encoding.

    What is valid UTF-8 is UTF-8, but for short Chinese texts that look like it by chance: 图1 in GBK reads ͼ1 and
    目录 reads Ŀ¼. Chinese in UTF-8 takes three bytes a character, so where all are of two bytes and GB 18030
    makes Chinese characters of them, it is GB 18030.
    """
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
    if text.isascii() or max(text) >= "\u0800":
        return text
    try:
        chinese = data.decode("gb18030")
    except UnicodeDecodeError:
        return text
    return chinese if all(sign.isascii() or "\u3400" <= sign <= "\u9fff" for sign in chinese) else text
