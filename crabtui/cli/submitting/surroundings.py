"""What a client tells the daemon about where a submission comes from."""

import os
from collections.abc import Mapping

from crabtui.cli.frame.setting import setting
from engine.control.blocking import BlockingClient
from engine.errors import InvalidSpec
from engine.model.surroundings import travels


def surroundings(client: BlockingClient) -> tuple[str, dict[str, str]]:
    """Where relative paths of a submission start, and the environment that it brings along.

    Those of this process; of the daemon's home and environment if it is elsewhere.
    """
    if setting().remote is None:
        return working_dir(), environment()
    assert client.hello is not None
    return client.hello.home, client.hello.env


def environment(environ: Mapping[str, str] = os.environ) -> dict[str, str]:
    """The allow-listed part of the environment.

    Raises:
        InvalidSpec: a value in it is no valid UTF-8.
    """
    return {
        name: as_text(value, f"the environment variable {name}")
        for name, value in environ.items()
        if travels(name)
    }


def working_dir() -> str:
    """The submitter's directory.

    Raises:
        InvalidSpec: it is gone, or its name is no valid UTF-8.
    """
    try:
        return as_text(os.getcwd(), "the working directory")  # noqa: PTH109
    except FileNotFoundError:
        raise InvalidSpec("the working directory is gone; use --cwd", field="cwd") from None


def given_env(
    words: tuple[str, ...], environ: Mapping[str, str] = os.environ
) -> dict[str, str]:
    """The variables in `NAME=VALUE` words, and in `NAME` words the submitter's own.

    Raises:
        InvalidSpec: a word has no name, or names a variable that is not set.
    """
    found = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not name:
            raise InvalidSpec(f"--env {word!r}: it looks like NAME=VALUE or NAME", field="env")
        if not equals and name not in environ:
            raise InvalidSpec(f"--env {name}: there is no such variable here", field="env")
        found[name] = as_text(value if equals else environ[name], f"--env {name}")
    return found


def as_text(value: str, what: str) -> str:
    """`value`, if it can travel as text.

    Raises:
        InvalidSpec: it has bytes that are no valid UTF-8; names `what`.
    """
    try:
        value.encode()
    except UnicodeEncodeError:
        raise InvalidSpec(f"{what} is not valid UTF-8: {value!r}") from None
    return value
