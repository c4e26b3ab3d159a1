"""Values that look like secrets are not shown: what is on a screen is seen and copied."""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

HIDDEN: Final = "•••• (redacted)"
SHORT: Final = "••••"
WORDS: Final = ("token", "secret", "password", "passwd", "key", "credential")
"""What names of secrets have in them."""

_FLAG: Final = re.compile(
    r"--?[\w-]*(?:token|secret|passw(?:or)?d|credential|api-?key)[\w-]*", re.I
)
_PAIR: Final = re.compile(r"(-{0,2}[\w-]+)=(.+)", re.S)
_URL: Final = re.compile(r"(\w+://[^/\s:@]+):[^/\s@]+@")


def is_secret(name: str) -> bool:
    """Whether a thing of this name is not to be shown."""
    return any(word in name.lower() for word in WORDS)


def value(name: str, given: object) -> str:
    """The value of an environment variable as it may be shown."""
    return HIDDEN if is_secret(name) else text(str(given))


def text(given: str) -> str:
    """Without the passwords of addresses: `postgres://ana:••••@db`."""
    return _URL.sub(rf"\1:{SHORT}@", given)


def words(argv: Sequence[str]) -> list[str]:
    """A command's words, without what is said to be a secret: `--token ••••`."""
    flagged = [False, *(_FLAG.fullmatch(word) is not None for word in argv)]
    return [
        SHORT if is_hidden else _word(word)
        for word, is_hidden in zip(argv, flagged, strict=False)
    ]


def tree(given: Any, name: str = "") -> Any:
    """JSON as it may be shown: what is below the name of a secret is hidden."""
    if isinstance(given, Mapping):
        return {key: tree(each, str(key)) for key, each in given.items()}
    if isinstance(given, list | tuple):
        return words(given) if _is_text(given) else [tree(each, name) for each in given]
    if isinstance(given, str):
        return HIDDEN if name != "key" and is_secret(name) else text(given)
    return given


def _word(word: str) -> str:
    pair = _PAIR.fullmatch(word)
    if pair is not None and (is_secret(pair[1]) or _FLAG.fullmatch(pair[1])):
        return f"{pair[1]}={SHORT}"
    return text(word)


def _is_text(given: Sequence[Any]) -> bool:
    return bool(given) and all(isinstance(each, str) for each in given)
