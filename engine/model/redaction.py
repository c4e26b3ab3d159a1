"""Commands without what is said to be a secret: what is on a screen is seen and copied."""

import re
from collections.abc import Sequence
from typing import Any, Final

from msgspec.structs import replace

from engine.model.checks import Check
from engine.model.secrets import HIDDEN
from engine.model.spec import Command, JobSpec

WORDS: Final = ("token", "secret", "password", "passwd", "key", "credential")
"""What names of secrets have in them."""

_NAME: Final = r"--?[\w-]*(?:token|secret|passw(?:or)?d|credential|api-?key)[\w-]*"
_FLAG: Final = re.compile(_NAME, re.IGNORECASE)
_PAIR: Final = re.compile(r"(-{0,2}[\w-]+)=(.+)", re.DOTALL)
_URL: Final = re.compile(r"(\w+://[^/\s:@]+):[^/\s@]+@")
_HEADER: Final = re.compile(r"(authorization:\s*(?:\w+\s+)?)[^\s\"']+", re.IGNORECASE)
_GIVEN: Final = r"(?:\"[^\"]*\"|'[^']*'|[^\s;&|\"'])+"
_FLAGGED: Final = re.compile(rf"(?<![\w-])({_NAME})([ \t]+)(?!-){_GIVEN}", re.IGNORECASE)
_ASSIGNED: Final = re.compile(rf"(?<![\w-])(-{{0,2}}[\w-]+)={_GIVEN}")


def is_secret(name: str) -> bool:
    """Whether a thing of this name is not to be shown."""
    return any(word in name.lower() for word in WORDS)


def text(given: str) -> str:
    """Without passwords in addresses and what authorises: `postgres://ana:••••@db`."""
    return _HEADER.sub(rf"\1{HIDDEN}", _URL.sub(rf"\1:{HIDDEN}@", given))


def words(argv: Sequence[str]) -> list[str]:
    """A command's words: `--token ••••`."""
    flagged = [False, *(_FLAG.fullmatch(word) is not None for word in argv)]
    return [
        HIDDEN if is_hidden else _word(word)
        for word, is_hidden in zip(argv, flagged, strict=False)
    ]


def line(shell: str) -> str:
    """A line for the shell: `DB_PASSWORD=•••• run --token ••••`."""
    assigned = _ASSIGNED.sub(_assigned, shell)
    return text(_FLAGGED.sub(rf"\1\2{HIDDEN}", assigned))


def command_text(command: Command | Check) -> str:
    """As `Command.text`, to be shown."""
    return " ".join(words(command.argv)) if command.shell is None else line(command.shell)


def run_text(spec: JobSpec) -> str:
    """As `JobSpec.text`, to be shown."""
    if spec.call is None:
        return command_text(spec.command)
    return line(replace(spec.call, args=without_secrets(spec.call.args)).text)


def without_secrets(value: Any) -> Any:
    """Arguments as JSON has them, to be shown: of secrets the names alone, however deep."""
    if isinstance(value, dict):
        return {
            name: HIDDEN if is_secret(str(name)) else without_secrets(one)
            for name, one in value.items()
        }
    if isinstance(value, list | tuple):
        return [without_secrets(one) for one in value]
    return value


def _word(word: str) -> str:
    pair = _PAIR.fullmatch(word)
    if pair is not None and is_secret(pair[1]):
        return f"{pair[1]}={HIDDEN}"
    return text(word)


def _assigned(found: re.Match[str]) -> str:
    return f"{found[1]}={HIDDEN}" if is_secret(found[1]) else found[0]
