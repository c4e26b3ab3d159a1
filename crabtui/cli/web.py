"""`crabtui web`: the console in a browser on this machine."""

import asyncio
import os
import shlex
import signal
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeAlias

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.program import PROGRAM
from engine.errors import InvalidSpec

PORT: Final = 8273

Serve: TypeAlias = Callable[
    [str, int, Callable[[str], None], asyncio.Event], Coroutine[Any, Any, None]
]


@click.command(cls=Verb)
@click.argument("address", metavar="VIEW[?QUERY]", required=False)
@click.option("--port", type=click.IntRange(0, 65_535), default=PORT, help="0: any free one.")
@click.option("--write", is_flag=True, help="Let pages act; without it they only look.")
@click.option("--theme", metavar="NAME", help="Its colours.")
def web(address: str | None, port: int, write: bool, theme: str | None) -> int:
    """Serve the console to browsers on this machine, until ctrl+c.

    The address that is printed lets one browser in, once; then the next one is printed.
    Only this machine can reach it: from elsewhere use `ssh -L 8273:127.0.0.1:8273 …`.
    """
    try:
        from crabtui.web.server import serve
    except ModuleNotFoundError as error:
        raise InvalidSpec(
            f"crabtui web needs more than is installed ({error.name}): "
            "pip install 'crabtui[web]'"
        ) from None
    _check(address, theme)
    words = _console(address, write=write, theme=theme)
    try:
        asyncio.run(_serve_until_told(serve, shlex.join(words), port))
    except OSError as error:
        raise InvalidSpec(
            f"port {port}: {os.strerror(error.errno or 0)}; --port 0 takes any free one",
            field="port",
        ) from None
    return 0


def _check(address: str | None, theme: str | None) -> None:
    """Raises InvalidSpec: no console could start so; pages would only be told that it ended."""
    from crabtui.addresses import parse_address
    from crabtui.theme import THEMES
    from engine.model.words import unknown

    if address:
        parse_address(address)
    if theme is not None and theme not in THEMES:
        raise unknown("theme", theme, THEMES, field="theme")


def _console(address: str | None, *, write: bool, theme: str | None) -> list[str]:
    """The words that start one console, as this command was told."""
    here = setting()
    words = list(PROGRAM)
    for flag, value in (
        ("--context", here.given_context),
        ("--host", here.given_host),
        ("--remote-command", here.given_program),
        ("--state", here.given_state),
    ):
        words += [flag, value] if value else []
    words += ["ui", *([address] if address else [])]
    words += ["--theme", theme] if theme else []
    return words if write else [*words, "--never-act"]


async def _serve_until_told(serve: Serve, command: str, port: int) -> None:
    over = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, over.set)
    await serve(command, port, _tell, over)


def _tell(address: str) -> None:
    print(address, flush=True)
