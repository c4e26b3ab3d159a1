"""Which of a submitter's variables jobs get: a short list, and never a secret unasked."""

from collections.abc import Mapping
from typing import Final

from engine.model.secrets import is_secret

ALLOWED: Final = frozenset({"PATH", "HOME", "USER", "LANG", "TZ", "VIRTUAL_ENV"})
ALLOWED_BEGINNINGS: Final = ("LC_", "CONDA_")
"""Variables that jobs get from the submitter's environment; nothing else travels."""


def travels(name: str) -> bool:
    """Whether a variable is on the list of those that are passed on, and no secret."""
    listed = name in ALLOWED or (name.startswith(ALLOWED_BEGINNINGS) and name.isidentifier())
    return listed and not is_secret(name)


def speaks(name: str) -> bool:
    """Whether a variable is about language and time, and so means the same on every host."""
    return name in ("LANG", "TZ") or name.startswith("LC_")


def passed_on(environ: Mapping[str, str]) -> dict[str, str]:
    """The part of an environment that travels; what is no text stays behind."""
    return {name: value for name, value in environ.items() if travels(name) and _is_text(value)}


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
