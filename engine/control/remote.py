"""A daemon on another machine: the words of the ssh command that reaches it."""

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec

PROGRAM: Final = "crabtui"
"""What is run there, unless something else is named."""

PROGRAM_VARIABLE: Final = "CRABTUI_REMOTE"

OPTIONS: Final[Mapping[str, str]] = {
    "ClearAllForwardings": "yes",
    "ForwardAgent": "no",
    "ForwardX11": "no",
    "PermitLocalCommand": "no",
    "RemoteCommand": "none",
    "ConnectTimeout": "10",
    "ServerAliveInterval": "5",
    "ServerAliveCountMax": "3",
}
"""Above what ssh's own configuration says: no forwarding, and a dead link is found in 15 s."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """The daemon of `host`, as ssh names that: `user@machine`, or a name of its config."""

    host: str
    port: int | None = None
    """None: as ssh's configuration says."""
    program: tuple[str, ...] = (PROGRAM,)
    """The words that start this program there."""
    state: str | None = None
    """Its state directory there; None: the usual one."""
    starts: bool = True
    """Whether a daemon is started there if none runs."""
    asks: bool = False
    """Whether ssh may ask things at the terminal: a password, an unknown host key."""

    def __str__(self) -> str:
        return self.host if self.port is None else f"{self.host}:{self.port}"

    def argv(self) -> list[str]:
        """The command that speaks to the daemon on its standard input and output."""
        options = {**OPTIONS, "BatchMode": "no" if self.asks else "yes"}
        words = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        if self.port is not None:
            words += ["-p", str(self.port)]
        return ["ssh", "-T", "-a", "-x", *words, "--", self.host, self._command()]

    def _command(self) -> str:
        words = [*self.program, "stdio"]
        if self.state is not None:
            words += ["--state", self.state]
        if not self.starts:
            words.append("--no-start")
        return " ".join(map(_quoted, words))


def read_remote(text: str, *, program: str | None = None, state: str | None = None) -> Remote:
    """The machine that `user@machine[:port]` names.

    Args:
        text: As typed. An IPv6 address with a port is written `[::1]:22`.
        program: What to run there, as one line of words: `~/bin/crabtui`.
        state: The state directory there.

    Raises:
        InvalidSpec: it names no machine, no port, or no program.
    """
    host, port = _split(text)
    user, at, machine = host.rpartition("@")
    is_odd = any(char.isspace() or not char.isprintable() for char in host)
    if not machine or (at and not user) or host.startswith("-") or is_odd:
        raise InvalidSpec(
            f"--host {text!r}: write user@machine or user@machine:port", field="host"
        )
    return Remote(host=host, port=port, program=_words(program or PROGRAM), state=state)


def _split(text: str) -> tuple[str, int | None]:
    user, at, machine = text.rpartition("@")
    if machine.startswith("["):
        address, _, port = machine[1:].partition("]")
        return f"{user}{at}{address}", _port(text, port.removeprefix(":"))
    name, _, port = machine.partition(":")
    if ":" in port:
        return text, None  # an IPv6 address without a port
    if machine.endswith(":"):
        raise InvalidSpec(f"--host {text!r}: there is no port after the ':'", field="host")
    return f"{user}{at}{name}", _port(text, port)


def _port(text: str, port: str) -> int | None:
    if not port:
        return None
    if port.isascii() and port.isdigit() and len(port) < 6 and 0 < int(port) < 65_536:
        return int(port)
    raise InvalidSpec(f"--host {text!r}: {port!r} is no port (1 to 65535)", field="host")


def _words(program: str) -> tuple[str, ...]:
    try:
        words = tuple(shlex.split(program))
    except ValueError as wrong:
        raise InvalidSpec(
            f"--remote-command {program!r}: {wrong}", field="remote_command"
        ) from None
    if not words or not words[0]:
        raise InvalidSpec("--remote-command names no program", field="remote_command")
    return words


def _quoted(word: str) -> str:
    """One word for the shell there; only a leading `~/` keeps its meaning."""
    return f"~/{shlex.quote(word[2:])}" if word.startswith("~/") else shlex.quote(word)
