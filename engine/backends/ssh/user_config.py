"""What of an account's SSH configuration cannot be honoured here; said, not passed over."""

from collections.abc import Iterator
from pathlib import Path

_IGNORED = {
    "stricthostkeychecking": "host keys are always verified here",
    "revokedhostkeys": "put the keys as `@revoked` lines into known_hosts",
    "knownhostscommand": "put the keys into known_hosts",
}
_DEEPEST = 8


def warnings_of(config: Path) -> list[str]:
    """A sentence for each line of the configuration that has no effect here."""
    return list(dict.fromkeys(_warnings(config.expanduser(), _DEEPEST)))


def _warnings(path: Path, deepest: int) -> Iterator[str]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    for number, line in enumerate(lines, 1):
        word, rest = _words(line)
        if why := _IGNORED.get(word.lower()):
            yield f"{path} line {number}: {word} has no effect, {why}"
        elif word.lower() == "include" and deepest:
            for name in rest.split():
                yield from _included(name.strip('"'), deepest)


def _included(name: str, deepest: int) -> Iterator[str]:
    path = Path(name).expanduser()
    place = path if path.is_absolute() else Path("~/.ssh").expanduser() / path
    for found in sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor)))):
        yield from _warnings(found, deepest - 1)


def _words(line: str) -> tuple[str, str]:
    """The keyword and what follows it: `Key value` and `Key=value` are the same."""
    words = line.strip().replace("=", " ", 1).split(None, 1)
    return (words[0], words[1] if len(words) > 1 else "") if words else ("", "")
