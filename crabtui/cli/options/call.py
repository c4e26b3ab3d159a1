"""The flags with which a tool is called."""

import json
from collections.abc import Callable, Sequence
from typing import Any

import click

from crabtui.cli.options.job import OPTIONS
from engine.errors import InvalidSpec

NOT_OF_CALLS = frozenset(
    {
        "argv",
        "shell",
        "cwd",
        "env",
        "stdin",
        "workspace",
        "workspace_base",
        "keep_workspace",
        "session_repo",
        "session_work",
        "session_role",
        "freeze",
        "cache",
    }
)
"""Flags that go with a command only."""


def calls(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add the flags of a call: its arguments, and those of a job that has no command."""
    for decorate in reversed(OPTIONS):
        [made] = click.command()(decorate(lambda: None)).params
        if made.name not in NOT_OF_CALLS:
            command = decorate(command)
    command = click.option("--json-args", metavar="JSON", help="Arguments as one JSON object.")(
        command
    )
    return click.option(
        "--arg",
        "-a",
        multiple=True,
        metavar="NAME=VALUE",
        help="An argument; a value that is JSON counts as such, else as text.",
    )(command)


def read_args(given: Sequence[str], text: str | None) -> dict[str, Any]:
    """The arguments that flags say; single ones go before the JSON object.

    Raises:
        InvalidSpec: one is not of that form.
    """
    args = {} if text is None else _object(text)
    for one in given:
        name, equals, value = one.partition("=")
        if not equals or not name:
            raise InvalidSpec(f"--arg {one[:60]!r}: write NAME=VALUE", field="arg")
        args[name] = _value(value)
    return args


def _object(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text, parse_constant=_no_number)
    except ValueError as error:
        raise InvalidSpec(f"--json-args is no JSON: {error}", field="json_args") from None
    if not isinstance(found, dict):
        raise InvalidSpec('--json-args is no object: write {"name": value}', field="json_args")
    return found


def _value(text: str) -> Any:
    try:
        return json.loads(text, parse_constant=_no_number)
    except ValueError:
        return text


def _no_number(word: str) -> Any:
    """What Python reads as a number, and JSON does not have: it would arrive as null."""
    raise ValueError(f"{word} is no number that JSON has")
