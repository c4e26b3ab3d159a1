"""What of an account's SSH configuration cannot be honoured here; said, not passed over."""

from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

_IGNORED = {
    "stricthostkeychecking": "host keys are always verified here",
    "revokedhostkeys": "put the keys as `@revoked` lines into known_hosts",
    "knownhostscommand": "put the keys into known_hosts",
}
_DEEPEST = 8


def warnings_of(config: Path, host: str) -> list[str]:
    """A sentence for each line of the configuration about `host` that has no effect here."""
    return list(dict.fromkeys(_warnings(config.expanduser(), host.lower(), _DEEPEST)))


def _warnings(path: Path, host: str, deepest: int) -> Iterator[str]:
    try:
        lines = path.read_text("utf-8", "replace").splitlines()
    except OSError:
        return
    concerns = True
    for number, line in enumerate(lines, 1):
        word, rest = _words(line)
        if word.lower() in ("host", "match"):
            concerns = _concerns(word.lower(), rest.lower().split(), host)
        elif not concerns:
            continue
        elif why := _IGNORED.get(word.lower()):
            yield f"{path} line {number}: {word} has no effect, {why}"
        elif word.lower() == "include" and deepest:
            for name in rest.split():
                yield from _included(name.strip('"'), host, deepest)


def _concerns(keyword: str, words: Sequence[str], host: str) -> bool:
    """Whether the lines under a `Host` or `Match` are about a host; by its name, that is."""
    if keyword == "host":
        return _is_meant(words, host)
    if list(words[:1]) == ["all"]:
        return True
    by_name = words[0] in ("host", "originalhost") if words else False
    return by_name and len(words) == 2 and _is_meant(words[1].split(","), host)


def _is_meant(patterns: Sequence[str], host: str) -> bool:
    plain = [one.strip('"') for one in patterns]
    if any(one.startswith("!") and fnmatchcase(host, one[1:]) for one in plain):
        return False
    return any(fnmatchcase(host, one) for one in plain)


def _included(name: str, host: str, deepest: int) -> Iterator[str]:
    path = Path(name).expanduser()
    place = path if path.is_absolute() else Path("~/.ssh").expanduser() / path
    for found in sorted(Path(place.anchor).glob(str(place.relative_to(place.anchor)))):
        yield from _warnings(found, host, deepest - 1)


def _words(line: str) -> tuple[str, str]:
    """The keyword and what follows it: `Key value` and `Key=value` are the same."""
    words = line.strip().replace("=", " ", 1).split(None, 1)
    return (words[0], words[1] if len(words) > 1 else "") if words else ("", "")
