"""The `xinzhi` command: what it says to whom, and how it ends.

Exit status: 0 fine, 1 the data or a file has findings, 2 a wrong call.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Mapping, Sequence

from xinzhi.errors import XinzhiError, reason
from xinzhi.language import Language, gettext, set_language


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and leave the process with its exit status."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    # The language is settled before the commands are imported: their help texts are looked up then.
    set_language(_language(arguments, os.environ))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a GBK terminal lacks some of our signs
    _speak_in_click()
    from xinzhi.cli.figures import xinzhi

    sys.exit(_run(xinzhi, arguments))


def _run(command: object, arguments: list[str]) -> int:
    import click

    assert isinstance(command, click.Command)
    try:
        outcome = command.main(arguments, prog_name="xinzhi", standalone_mode=False)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except XinzhiError as error:
        click.echo(str(error), err=True)
        return error.exit_status
    except (KeyboardInterrupt, click.exceptions.Abort):
        click.echo(gettext("已中断"), err=True)
        return 130
    except (BrokenPipeError, SystemExit):
        # The reader of a pipe has left (click then exits, and only then): so do we, without a word at the
        # closing of stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # A full disk, say, behind a redirected output; what is read or written by name has its own message.
        click.echo(gettext("写不出去: {reason}").format(reason=reason(error)), err=True)
        return 1
    except Exception as error:
        if os.environ.get("XINZHI_DEBUG"):
            raise
        click.echo(
            gettext(
                "程序内部错误 {kind}: {text}\n请把命令和数据附上报告给我们; 设 XINZHI_DEBUG=1 可看到细节"
            ).format(kind=type(error).__name__, text=error),
            err=True,
        )
        return 1
    return outcome if isinstance(outcome, int) else 0


def _language(arguments: Sequence[str], environment: Mapping[str, str]) -> Language:
    """Return the language asked for by ``--lang`` or, without it, by the locale; Chinese otherwise."""
    for position, argument in enumerate(arguments):
        name, _sign, value = argument.partition("=")
        if name == "--lang":
            value = value or (arguments[position + 1] if position + 1 < len(arguments) else "")
            return "en" if value == "en" else "zh"
    locale = next((v for key in ("LC_ALL", "LC_MESSAGES", "LANG") if (v := environment.get(key))), "")
    return "en" if locale.startswith("en") else "zh"


def _speak_in_click() -> None:
    """Let click's own sentences (Usage, Options, Missing argument) come from our catalogue.

    click looks them up in the process-wide gettext domain, which would need compiled catalogues and an
    environment variable; every module of it holds that lookup under the names ``_`` and ``ngettext``.
    """
    import click.core
    import click.decorators
    import click.exceptions
    import click.formatting
    import click.parser
    import click.termui
    import click.types

    from xinzhi.cli.framework import click_plural, click_text

    for module in (
        click.core,
        click.decorators,
        click.exceptions,
        click.formatting,
        click.parser,
        click.termui,
        click.types,
    ):
        vars(module)["_"] = click_text
        vars(module)["ngettext"] = click_plural
