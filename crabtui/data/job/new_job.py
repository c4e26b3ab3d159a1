"""A job as a form describes it: what is submitted, and the command line that does the same."""

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from engine.errors import InvalidSpec


@dataclass(frozen=True, slots=True)
class Field:
    """One line of the form."""

    name: str
    """Of the job's field, which is that of the flag too."""
    hint: str


COMMAND: Final = "command"
FIELDS: Final = (
    Field(COMMAND, "make -j8, or a line for the shell"),
    Field("name", "what to call it; the command, if empty"),
    Field("queue", "default"),
    Field("priority", "critical, high, normal or low"),
    Field("cpus", "1; 0.5 or 500m are fine"),
    Field("memory", "512M, 2G"),
    Field("gpus", "how many"),
    Field("cwd", "where it runs; here, if empty"),
)
_PLAIN: Final = re.compile(r"[\w@%+=:,./ '\"-]*")
"""Letters that mean the same to a shell as to us."""


def job_of(values: Mapping[str, str]) -> dict[str, Any]:
    """The job as people write it; what was left empty is left to the daemon.

    Raises:
        InvalidSpec: there is no command, or its quotes do not match.
    """
    told = {name: text.strip() for name, text in values.items() if text.strip()}
    line = told.pop(COMMAND, "")
    if not line:
        raise InvalidSpec("what is to be run?", field=COMMAND)
    words = _words(line)
    return ({"argv": words} if words else {"shell": line}) | told


def line_of(values: Mapping[str, str]) -> str:
    """The `crabtui submit` line for the same job, as it is so far."""
    told = {name: text.strip() for name, text in values.items() if text.strip()}
    command = told.pop(COMMAND, "")
    flags = [word for name, text in told.items() for word in (f"--{name}", text)]
    try:
        words = _words(command)
    except InvalidSpec:
        words = []
    rest = ["--", *words] if words or not command else ["--shell", command]
    return shlex.join(["crabtui", "submit", *flags, *rest])


def _words(line: str) -> list[str]:
    """The words of a line that needs no shell; none if it needs one."""
    if not _PLAIN.fullmatch(line):
        return []
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise InvalidSpec(
            f"the command's quotes do not match: {error}", field=COMMAND
        ) from None
    return [] if words and "=" in words[0] else words
