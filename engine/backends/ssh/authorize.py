"""A key that speaks the runner's verbs and opens nothing else: its authorized_keys line."""

import asyncssh

from engine.backends.hosting import Abode
from engine.backends.ssh.door import install
from engine.backends.wire import Line
from engine.clock import Clock
from engine.errors import InvalidSpec
from engine.model.words import unknown
from engine.runner.spec import quote

VERBS = (
    "hello", "start", "status", "list", "void", "watch", "stop", "renew", "tail", "find",
    "trim", "tidy", "gc", "look", "usage", "pause", "resume", "feed", "put", "ping",
)  # fmt: skip
"""Those of the host protocol, in its order. A worker needs them all."""


async def authorize(
    line: Line, abode: Abode, clock: Clock, public_key: str, verbs: str | None = None
) -> str:
    """Put the door into a host's spool, and say which line lets a key through it.

    Args:
        line: To the host, with a key that opens a shell.
        abode: Where the runner lives there.
        clock: How long to wait for the host.
        public_key: The key's public half, as in a `.pub` file.
        verbs: With commas between; None: all, as a worker needs them.

    Returns:
        One line for the account's `~/.ssh/authorized_keys` there.

    Raises:
        InvalidSpec: that is no public key, or no verb; names the nearest.
        Unreachable: the host cannot be had now, or has no room for the door.
        LinkRefused: a person must look; also where the way in is such a door already.
    """
    key, allowed = key_of(public_key), verbs_of(verbs)
    return line_of(key, await install(line, abode, clock), allowed)


def verbs_of(text: str | None) -> tuple[str, ...]:
    """The verbs that `text` names, each once. Raises: InvalidSpec, if one is none."""
    if text is None:
        return VERBS
    named = tuple(dict.fromkeys(word.strip() for word in text.split(",")))
    for verb in named:
        if verb not in VERBS:
            raise unknown("verb", verb, VERBS, field="verbs")
    return named


def key_of(text: str) -> str:
    """A public key with its comment, and nothing else. Raises: InvalidSpec."""
    line = text.strip()
    kind = line.partition(" ")[0]
    if "PRIVATE KEY" in line:
        raise InvalidSpec(
            "that is a private key: its public half is in the `.pub` file", field="key"
        )
    if not line.isprintable() or '"' in line:
        raise InvalidSpec("a public key is one line of plain text", field="key")
    try:
        key = asyncssh.import_public_key(line)
    except asyncssh.KeyImportError:
        raise InvalidSpec(f"{line[:60]!r} is no public key", field="key") from None
    if key.get_algorithm() != kind:
        raise InvalidSpec(
            f"a public key begins with its kind, not with {kind[:60]!r}", field="key"
        )
    return line


def line_of(key: str, door: str, verbs: tuple[str, ...]) -> str:
    """The line for a key. Raises: InvalidSpec, if no line can hold the path of the door."""
    if not door.isprintable():
        raise InvalidSpec(f"the path {door!r} does not fit into authorized_keys", field="spool")
    command = f"/bin/sh {quote(door)} --verbs {','.join(verbs)}"
    escaped = command.replace('"', '\\"')
    return f'command="{escaped}",restrict {key}'
