"""The command of a job: words or a shell line, where it runs and what it is given."""

import re
from collections.abc import Mapping
from typing import Any, Final

from engine.model.intake.draft import Draft
from engine.model.intake.maps import Setter
from engine.model.intake.scalars import items, text, yes_no
from engine.model.intake.wrong import Wrong, shown, wrong_type

MAX_ARGUMENT_BYTES: Final = 131_071
"""What Linux takes as one argument or environment entry (MAX_ARG_STRLEN, less its NUL)."""
MAX_ENV_BYTES: Final = 512 * 1024
_SURELY_SHORT: Final = MAX_ARGUMENT_BYTES // 4
_ENV_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)


def argument(value: Any) -> str:
    """Text that a process can be given. Raises: Wrong: it is none, or too long."""
    word = text(value)
    if len(word) > _SURELY_SHORT:
        size = len(word.encode())
        if size > MAX_ARGUMENT_BYTES:
            raise Wrong(
                f"is {size} bytes long; the kernel takes at most {MAX_ARGUMENT_BYTES} for one "
                "argument (use stdin or a file)"
            )
    return word


def own_line(draft: Draft, *, is_call: bool = False) -> None:
    """Make room for what this job says to run, in place of the defaults'."""
    if draft.has_line:
        raise Wrong(
            "there is something to run already; give one of `command`, `argv`, `shell`, "
            "`tool` and `stage_module`"
        )
    draft.has_line = True
    draft.command.pop("argv", None)
    draft.command.pop("shell", None)
    if not is_call:
        draft.call.clear()
    draft.call.pop("tool", None)
    draft.call.pop("stage", None)


def _argv(draft: Draft, value: Any, _: str) -> None:
    words = value if type(value) is list else items(value, "words", 100_000)
    if not words:
        raise Wrong("is empty: the first word names the program")
    own_line(draft)
    argv = []
    for place, word in enumerate(words):
        try:
            argv.append(argument(word))
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    if not argv[0]:
        raise Wrong("is empty: the first word names the program").under("[0]")
    draft.command["argv"] = tuple(argv)


def _shell(draft: Draft, value: Any, _: str) -> None:
    script = argument(value)
    if not script.strip():
        raise Wrong("is empty: there is nothing to run")
    own_line(draft)
    draft.command["shell"] = script


def _command(draft: Draft, value: Any, key: str) -> None:
    if type(value) is str:
        _shell(draft, value, key)
    elif type(value) is list or type(value) is tuple:
        _argv(draft, value, key)
    else:
        raise wrong_type(value, "a list of words or one shell line")


def _cwd(draft: Draft, value: Any, key: str) -> None:
    draft.once("cwd", key)
    path = argument(value)
    if not path:
        raise Wrong("is empty; leave it out to run where you submit")
    if path.startswith("~"):
        raise Wrong(f"{shown(path)}: '~' is not expanded; write the whole path")
    draft.command["cwd"] = path if path.startswith("/") else _joined(draft.cwd, path)


def _joined(folder: str, path: str) -> str:
    while path.startswith("./"):
        path = path[2:].lstrip("/")
    return folder if path in ("", ".") else f"{folder.rstrip('/')}/{path}"


def _env(draft: Draft, value: Any, key: str) -> None:
    draft.once("env", key)
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of names to text")
    _check_env(value)
    draft.command["env"] = {**draft.command.get("env", {}), **value}


def _check_env(env: Mapping[Any, Any]) -> None:
    size = 0
    for variable, content in env.items():
        try:
            size += _env_entry(variable, content)
        except Wrong as wrong:
            raise wrong.under(str(variable)[:100]) from None
    if size > MAX_ENV_BYTES:
        raise Wrong(f"is {size} bytes in all; at most {MAX_ENV_BYTES} are allowed")


def _env_entry(variable: Any, content: Any) -> int:
    if type(variable) is not str or _ENV_NAME.fullmatch(variable) is None:
        raise Wrong(
            f"{shown(variable)} cannot name a variable: use letters, digits and '_', "
            "the first no digit"
        )
    size = len(variable) + 1 + len(text(content).encode())
    if size > MAX_ARGUMENT_BYTES:
        raise Wrong(f"is {size} bytes long; the kernel takes at most {MAX_ARGUMENT_BYTES}")
    return size


def check_surroundings(cwd: str, env: Mapping[str, str]) -> None:
    """Make sure that jobs can run in this folder, with this environment.

    Raises:
        InvalidSpec: the folder is not absolute, or something in either cannot be passed on.
    """
    try:
        argument(cwd)
        if not cwd.startswith("/"):
            raise Wrong(f"{shown(cwd)} is not absolute")
    except Wrong as wrong:
        raise wrong.error("cwd") from None
    try:
        _check_env(env)
    except Wrong as wrong:
        raise wrong.error("env") from None


def _stdin(draft: Draft, value: Any, key: str) -> None:
    draft.once("stdin", key)
    draft.command["stdin"] = text(value)


def _open_stdin(draft: Draft, value: Any, key: str) -> None:
    draft.once("open_stdin", key)
    draft.command["open_stdin"] = yes_no(value)


COMMAND_KEYS: Final[Mapping[str, Setter]] = {
    "command": _command,
    "argv": _argv,
    "shell": _shell,
    "cwd": _cwd,
    "env": _env,
    "stdin": _stdin,
    "open_stdin": _open_stdin,
}
"""What a payload of kind `command` may say; at the top level of a job it is the same."""
