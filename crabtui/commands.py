"""The command bar: what each line means, and what it may become."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from engine.errors import InvalidSpec
from engine.model.words import unknown

VERBS: Final = {
    "jobs": "jobs FILTER: the jobs that match",
    "queues": "queues: the queues",
    "workers": "workers: the workers, and what of them is taken",
    "stuck": "stuck: why jobs wait, by reason",
    "cancel": "cancel FILTER: cancel all that match (asks first)",
    "limit": "limit QUEUE N: how many may run at once; `none` lifts it",
    "weight": "weight QUEUE N: its share of starts against the other queues",
    "edit": "edit KEY=VALUE …: change the jobs here that have not started",
    "clone": "clone [KEY=VALUE …]: submit a copy of the job here",
    "drain": "drain WORKER [REASON]: no new job starts there",
    "undrain": "undrain WORKER: jobs start there again",
    "pause": "pause QUEUE [REASON]: nothing new starts from it",
    "resume": "resume QUEUE: end its pause",
    "arm": "arm 10m: allow acts in a read-only console for a while",
    "disarm": "disarm: read-only again",
    "set": "set theme NAME: change the look",
    "keys": "keys: show all keys",
    "q": "q: quit; jobs keep running",
}
"""Verb, and how it is used."""

WANTED: Final = {
    "cancel": 1,
    "drain": 1,
    "edit": 1,
    "limit": 2,
    "pause": 1,
    "resume": 1,
    "set": 2,
    "undrain": 1,
    "weight": 2,
}
"""How many words a verb needs, if any."""

_SPAN: Final = re.compile(r"(\d{1,4})([smh]?)")
_SECONDS: Final = {"": 1, "s": 1, "m": 60, "h": 3600}


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the command bar, understood."""

    verb: str
    rest: str = ""

    @property
    def words(self) -> list[str]:
        """What follows the verb, word by word."""
        return self.rest.split()


def parse_command(line: str) -> Command:
    """The command in `line`.

    Raises:
        InvalidSpec: no such verb, named with the nearest; or its words are missing.
    """
    verb, _, rest = line.strip().partition(" ")
    verb = {"quit": "q", "job": "jobs", "queue": "queues", "worker": "workers"}.get(verb, verb)
    if verb not in VERBS:
        raise unknown("command", verb, VERBS)
    command = Command(verb, rest.strip())
    if len(command.words) < WANTED.get(verb, 0):
        raise InvalidSpec(f"use it so: {VERBS[verb]}")
    return command


def parse_span_s(text: str) -> int:
    """Seconds in `10m`, `90s`, `1h` or `90`; at most a day.

    Raises:
        InvalidSpec: it is no such thing.
    """
    found = _SPAN.fullmatch(text)
    seconds = int(found[1]) * _SECONDS[found[2]] if found else 0
    if not 0 < seconds <= 86_400:
        raise InvalidSpec(f"{text[:20]!r} is no duration up to 24h, such as 10m", nearest="10m")
    return seconds


def parse_limit(text: str) -> int | None:
    """A queue's limit; None for `none`.

    Raises:
        InvalidSpec: neither a whole number from 0 on nor `none`.
    """
    if text.lower() in ("none", "-"):
        return None
    if not text.isascii() or not text.isdigit() or len(text) > 6:
        raise InvalidSpec(f"a limit is a whole number from 0 on, or none, not {text[:20]!r}")
    return int(text)


def parse_weight(text: str) -> int:
    """A queue's weight.

    Raises:
        InvalidSpec: no whole number from 1 to 1000000.
    """
    if not text.isascii() or not text.isdigit() or not 0 < len(text) < 8 or not int(text):
        raise InvalidSpec(f"a weight is a whole number from 1 on, not {text[:20]!r}")
    return int(text)


def suggest(line: str, queues: Sequence[str], themes: Sequence[str]) -> list[str]:
    """Whole lines that `line` may become, the likeliest first."""
    verb, space, rest = line.partition(" ")
    if not space:
        return [name for name in VERBS if name.startswith(verb)]
    if verb in ("limit", "weight", "pause", "resume"):
        return [f"{verb} {name}" for name in queues if name.startswith(rest)]
    if verb == "set":
        lines = [f"set theme {name}" for name in themes]
        return [text for text in lines if text.startswith(line)]
    return []
