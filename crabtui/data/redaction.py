"""Values that look like secrets are not shown: what is on a screen is seen and copied."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from engine.model.redaction import is_secret, line, text, words
from engine.model.secrets import HIDDEN as SHORT

__all__ = ["HIDDEN", "SHORT", "is_secret", "line", "text", "tree", "value", "words"]

HIDDEN: Final = f"{SHORT} (redacted)"


def value(name: str, given: object) -> str:
    """The value of an environment variable as it may be shown."""
    return HIDDEN if is_secret(name) else text(str(given))


def tree(given: Any, name: str = "") -> Any:
    """JSON as it may be shown: what is below the name of a secret is hidden."""
    if isinstance(given, Mapping):
        return {key: tree(each, str(key)) for key, each in given.items()}
    if isinstance(given, list | tuple):
        return words(given) if _is_text(given) else [tree(each, name) for each in given]
    if isinstance(given, str) and name == "shell":
        return line(given)
    if isinstance(given, str):
        return HIDDEN if name != "key" and is_secret(name) else text(given)
    return given


def _is_text(given: Sequence[Any]) -> bool:
    return bool(given) and all(isinstance(each, str) for each in given)
