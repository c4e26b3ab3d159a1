"""From words to an exit code: runs the command and says in one line what went wrong."""

import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import click

from crabtui.cli.completion import complete_if_asked
from crabtui.cli.frame.failure import complain, report
from crabtui.cli.frame.root import root
from crabtui.cli.frame.setting import Setting
from engine.errors import EngineError, InvalidSpec

BAD_USE: Final = 2
REFUSED: Final = 3
BROKEN_PIPE: Final = 141
INTERRUPTED: Final = 130

TAKING: Final = frozenset(
    f"--{name}"
    for name in (
        *("state", "host", "remote-command", "context", "set", "arm", "theme"),
        *("refresh", "at", "view", "keys", "dump", "size"),
    )
)
"""Options of the whole program that a word follows."""


def run_line(words: Sequence[str]) -> int:
    """Run the command that `words` name, print its errors, and return the exit code.

    0: done; 1: a job failed, or an act was refused for some object; 2: bad use;
    3: no daemon, or refused. `run` and `wait` have codes of their own.
    """
    _prepare(words)
    setting = Setting(as_json=_wants_json(words))
    try:
        code = _invoke(words, setting)
        sys.stdout.flush()
    except BrokenPipeError:
        _forget_output()
        return BROKEN_PIPE
    return code


def _invoke(words: Sequence[str], setting: Setting) -> int:
    try:
        complete_if_asked()
        with root.make_context("crabtui", list(words), obj=setting) as context:
            returned = root.invoke(context)
    except click.exceptions.Exit as asked:
        return asked.exit_code
    except click.exceptions.NoArgsIsHelpError as bare:
        _teach(bare, as_json=setting.as_json)
        return BAD_USE
    except click.UsageError as wrong:
        report(_bad_use(wrong), as_json=setting.as_json)
        return _ours(words, BAD_USE)
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except EngineError as error:
        report(error, as_json=setting.as_json)
        return _ours(words, BAD_USE if isinstance(error, InvalidSpec) else REFUSED)
    except UnicodeEncodeError as broken:
        wrong_bytes = InvalidSpec(f"not valid UTF-8: {broken.object[:100]!r}")
        report(wrong_bytes, as_json=setting.as_json)
        return _ours(words, BAD_USE)
    except OSError as trouble:
        report(_os_trouble(trouble), as_json=setting.as_json)
        return _ours(words, REFUSED)
    return returned if isinstance(returned, int) else 0


def _prepare(words: Sequence[str]) -> None:
    """Nobody ever sees a traceback, nor an output that cannot be encoded."""

    def on_bug(kind: type[BaseException], bug: BaseException, trace: Any) -> None:
        if os.environ.get("CRABTUI_DEBUG"):
            sys.__excepthook__(kind, bug, trace)
        complain(f"this is a bug of ours: {kind.__name__}: {bug} (CRABTUI_DEBUG=1 shows where)")
        sys.stderr.flush()
        os._exit(_ours(words, REFUSED))

    sys.excepthook = on_bug
    _open_what_is_closed()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")


def _open_what_is_closed() -> None:
    """Whoever closed our output wants none; a file that we open must not take its place."""
    if sys.stdout is None:
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115


def _bad_use(wrong: click.UsageError) -> InvalidSpec:
    verb = wrong.ctx.command_path if wrong.ctx else "crabtui"
    if isinstance(wrong, click.NoSuchOption):
        near = next(iter(wrong.possibilities or ()), None)
        text = f"no such option {wrong.option_name!r}"
    else:
        near, text = None, wrong.format_message().rstrip(".")
    hint = f"did you mean {near!r}?" if near else f"see `{verb} --help`"
    return InvalidSpec(
        f"{text[:1].lower()}{text[1:]}: {hint}", field=_field(wrong), nearest=near
    )


def _teach(bare: click.exceptions.NoArgsIsHelpError, *, as_json: bool) -> None:
    """Answer a verb that was not told what to do: with its help, as it is laid out."""
    if as_json:
        verb = bare.ctx.command_path
        report(InvalidSpec(f"missing command: see `{verb} --help`"), as_json=True)
    else:
        sys.stderr.write(bare.format_message() + "\n")


def _field(wrong: click.UsageError) -> str | None:
    name = getattr(wrong, "option_name", None)
    if name is None and (param := getattr(wrong, "param", None)) is not None:
        name = param.opts[0] if isinstance(param, click.Option) else param.name
    return name


def _os_trouble(trouble: OSError) -> EngineError:
    named = f"{trouble.filename}: " if trouble.filename else ""
    return EngineError(f"{named}{trouble.strerror or trouble}")


def _ours(words: Sequence[str], code: int) -> int:
    """The code of a failure that is not the job's; `run` keeps the small ones for jobs."""
    return 125 if _verb(words) == "run" else code


def _verb(words: Sequence[str]) -> str | None:
    rest = iter(words)
    for word in rest:
        if word in TAKING:
            next(rest, None)
        elif not word.startswith("-"):
            return word
    return None


def _wants_json(words: Sequence[str]) -> bool:
    ours = words[: words.index("--")] if "--" in words else words
    return "--json" in ours


def _forget_output() -> None:
    """Let the interpreter's last flush go nowhere instead of complaining."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.close(nowhere)
