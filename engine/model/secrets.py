"""Which variables hold secrets, by their names: not shown, and not passed on unasked."""

import re
from collections.abc import Mapping
from typing import Final

SECRET: Final = re.compile(
    r"(?:^|_)(?:API_?KEY|ACCESS_?KEY|AUTH|CREDENTIALS?|KEY|PASS(?:WD|WORD|PHRASE)?|PAT|PRIVATE"
    r"|PWD|SECRETS?|TOKENS?)(?:_|$|\d)|PASSWORD|SECRET|TOKEN$",
    re.IGNORECASE,
)
HIDDEN: Final = "••••"
"""Stands where a secret's value would."""


def is_secret(name: str) -> bool:
    """Whether a variable of this name is taken to hold a secret."""
    return SECRET.search(name) is not None


def without_values(env: Mapping[str, str]) -> dict[str, str]:
    """The variables for people's eyes: secrets by name only."""
    return {name: HIDDEN if is_secret(name) else value for name, value in env.items()}
