"""The hooks of a job, as people write them."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import SplitResult, urlsplit

from engine.model.hooks import MOST_HOOKS, Hook, Http, On
from engine.model.intake.draft import Draft
from engine.model.intake.labels import one_of
from engine.model.intake.maps import Setter, read_map
from engine.model.intake.placeholders import OPENS, REPORT, places
from engine.model.intake.scalars import duration_ms, items, items_or_one, line, text
from engine.model.intake.wrong import Wrong, shown, wrong_type, wrong_word
from engine.model.secrets import is_secret

HTTP_KEYS: Final = ("url", "method", "headers", "body", "timeout")
METHODS: Final = {word.lower(): word for word in ("GET", "POST", "PUT", "PATCH", "DELETE")}
_ON: Final = one_of("moment", {on.value: on for on in On})
_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_NAMED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}", re.ASCII)
_NOT_OURS: Final = frozenset({"hooks", "parent_id", "hold", "held"})
LONGEST_URL: Final = 4_000


def _hooks(draft: Draft, value: Any, key: str) -> None:
    draft.once("hooks", key)
    draft.spec["hooks"] = read_hooks(value, draft)


def read_hooks(value: Any, draft: Draft) -> tuple[Hook, ...]:
    """The hooks in a list of maps. Raises: Wrong, with the place of the first wrong one."""
    found = []
    for place, one in enumerate(items(value, "hooks", MOST_HOOKS)):
        try:
            found.append(read_hook(one, draft))
        except Wrong as wrong:
            raise wrong.under(f"[{place}]") from None
    return tuple(found)


def read_hook(value: Any, draft: Draft) -> Hook:
    """One hook: `on`, `name`, `http`, and the keys of a job. Raises: Wrong."""
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map with `on` and what to run")
    if not value.get("on"):
        raise Wrong("says not when: give `on`, as in `on: failure`")
    try:
        on = tuple(dict.fromkeys(map(_ON, items_or_one(value["on"], "moments"))))
    except Wrong as wrong:
        raise wrong.under("on") from None
    job = {str(k): v for k, v in value.items() if k not in ("on", "name", "http")}
    _check_job(job, draft, has_http=value.get("http") is not None)
    http = None if value.get("http") is None else _under("http", _http, value["http"])
    name = _under("name", lambda given: line(given, 100), value.get("name") or "")
    return Hook(on=on, name=name, http=http, job=job)


def _under(key: str, read: Any, value: Any) -> Any:
    try:
        return read(value)
    except Wrong as wrong:
        raise wrong.under(key) from None


def _check_job(job: Mapping[str, Any], draft: Draft, *, has_http: bool) -> None:
    """Refuse what could not be submitted when its time comes."""
    from engine.model.intake.table import JOB_KEYS

    for key in job:
        if key in _NOT_OURS:
            raise Wrong("is nothing that a hook can have").under(key)
        _under(key, _no_places, job[key])
    own = Draft(draft.cwd, draft.now_at, draft.utc_offset_s)
    read_map(own, job, JOB_KEYS, "a hook")
    if has_http and own.has_line:
        raise Wrong("calls something and runs something: say one of them").under("http")
    if has_http and (given := job.keys() & {"stdin", "open_stdin"}):
        raise Wrong("is the report, where a call is made: say it as `body`").under(min(given))
    if has_http:
        own.command["argv"] = ("true",)
    own.build()


def _http(value: Any) -> Http:
    if isinstance(value, str):
        value = {"url": value}
    if not isinstance(value, Mapping):
        raise wrong_type(value, "an address, or a map with `url`")
    for key in value:
        if key not in HTTP_KEYS:
            raise wrong_word("key of http", str(key), HTTP_KEYS).under(str(key)[:100])
    said: dict[str, Any] = {"url": _under("url", _url, value.get("url"))}
    if value.get("method") is not None:
        said["method"] = _under("method", one_of("method", METHODS), value["method"])
    if value.get("headers") is not None:
        said["headers"] = _under("headers", _headers, value["headers"])
    if value.get("timeout") is not None:
        said["timeout_ms"] = _under("timeout", lambda at: duration_ms(at, 1), value["timeout"])
    _under("body", _check_body, value.get("body"))
    return Http(**said, body=value.get("body"))


def _no_places(value: Any) -> None:
    """Refuse places that nobody would fill in. Raises: Wrong."""
    if any(OPENS in one for one in _texts(value)):
        raise Wrong(
            f"contains {OPENS}, which is filled in in the `body` of a call alone; a command "
            "has CRAB_HOOK_JOB, CRAB_HOOK_STATE, and the report as JSON on its standard input"
        )


def _check_body(value: Any) -> None:
    for one in _texts(value):
        for place in places(one):
            if place.root != REPORT:
                raise Wrong(f"${{{{ {place.root} }}}} is not known there: {REPORT} alone is")


def _texts(value: Any) -> Iterator[str]:
    """Every text in a value."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list | tuple):
        for one in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(one)


def _url(value: Any) -> str:
    """An address; one that is a secret as a whole is one name, and read when it is called."""
    url = line(text(value), LONGEST_URL) if value is not None else ""
    _no_places(url)
    if _NAMED.fullmatch(url):
        return url
    parts = _split(_NAMED.sub("x", url), url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Wrong(f"{shown(url)} is no address of http or https")
    if parts.password is not None and not _NAMED.search(url):
        raise Wrong("has a password, which would be stored: write ${NAME} of the environment")
    return url


def _split(plain: str, url: str) -> SplitResult:
    """The parts of an address. Raises: Wrong, if it has a part that cannot be."""
    try:
        parts = urlsplit(plain)
        parts.port  # noqa: B018 - raises, if it is none
    except ValueError as error:
        raise Wrong(f"{shown(url)} is no address: {error}") from None
    return parts


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise wrong_type(value, "a map of names to text")
    for name, content in value.items():
        if type(name) is not str or _TOKEN.fullmatch(name) is None:
            raise Wrong(f"{shown(name)} cannot name a header")
        _under(name, _header(name), content)
    return dict(value)


def _header(name: str) -> Any:
    def read(content: Any) -> None:
        _no_places(line(text(content), LONGEST_URL))
        hides = name.lower() in ("authorization", "proxy-authorization", "cookie")
        if (hides or is_secret(name.replace("-", "_"))) and not _NAMED.search(content):
            raise Wrong("is a secret, which would be stored: write ${NAME} of the environment")

    return read


HOOK_KEYS: Final[dict[str, Setter]] = {"hooks": _hooks}
