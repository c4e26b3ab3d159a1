"""An HTTP call, described in `CRAB_HOOK_HTTP`, with the report on standard input.

Exit status: 0 for an answer of 2xx; 75 for what may work later (no connection, no answer in
time, 408, 429, 5xx); 78 if a name is not known, or its value cannot stand where it is put;
1 for every other answer. Redirects are not followed: headers may hold secrets, and those are
for the one who was named. What is said never has an address or a header in it.
"""

import json
import os
import re
import stat
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from http.client import HTTPException, InvalidURL
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

LATER = 75
MISSING = 78
MOST_SHOWN = 2_000

NAMED = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}", re.ASCII)
ADDRESS = "%:/?#[]@!$&'()*+,;="
"""What an address may have beside letters, digits and `_.-~`; the rest is percent-encoded."""

REPORTED = re.compile(r"\$\{\{\s*report((?:\.[A-Za-z0-9_-]+)*)\s*\}\}", re.ASCII)


PRINTABLE = re.compile(r"[\t\x20-\x7e\x80-\xff]*")
"""What a header may have, by RFC 9110."""


class Unknown(Exception):
    """A name that nobody has given a value, or one of which no call can be made."""


class Stay(urllib.request.HTTPRedirectHandler):
    """Goes nowhere else."""

    def redirect_request(self, *_: Any) -> None:
        return None


def main() -> int:
    """Call; the exit status."""
    text = sys.stdin.read()
    told = json.loads(os.environ["CRAB_HOOK_HTTP"])
    try:
        request = made(told, text, values(os.environ))
    except Unknown as unknown:
        print(unknown, file=sys.stderr)
        return MISSING
    opener = urllib.request.build_opener(Stay)
    try:
        with opener.open(request, timeout=told["timeout_s"]) as answer:
            return said(answer.status, answer.read(MOST_SHOWN))
    except urllib.error.HTTPError as refusal:
        with refusal:
            return said(refusal.code, refusal.read(MOST_SHOWN))
    except InvalidURL:
        print("the address cannot be called", file=sys.stderr)
        return MISSING
    except (OSError, HTTPException) as trouble:
        reason = getattr(trouble, "reason", None) or trouble
        print(f"no answer: {reason}", file=sys.stderr)
        return LATER


def said(status: int, body: bytes) -> int:
    """Print an answer; the exit status that it means."""
    print(status, body.decode(errors="replace"))
    if 200 <= status < 300:
        return 0
    return LATER if status in (408, 429) or status >= 500 else 1


def made(
    told: Mapping[str, Any], text: str, value: Callable[[str], str]
) -> urllib.request.Request:
    """The request. Raises: Unknown."""
    report = json.loads(text) if text else {}
    headers = {name: header(name, one, value) for name, one in told["headers"].items()}
    body = told.get("body")
    if told["method"] == "GET":
        data = None
    elif isinstance(body, str):
        data = reported(body, report).encode()
    else:
        data = json.dumps(filled(body, report)).encode() if body is not None else text.encode()
        if "content-type" not in {name.lower() for name in headers}:
            headers["Content-Type"] = "application/json"
    url = address(told["url"], value)
    return urllib.request.Request(url, data, headers, method=told["method"])  # noqa: S310


def header(name: str, text: str, value: Callable[[str], str]) -> str:
    """A header's content. Raises: Unknown: a name, or what stands in its place cannot be."""
    content = named(text, value)
    if PRINTABLE.fullmatch(content) is None:
        raise Unknown(f"header {name}: has a character that headers cannot have")
    return content


def address(text: str, value: Callable[[str], str]) -> str:
    """Where to call, in ASCII. Raises: Unknown: a name, or it is no address."""
    url = quote(named(text, value), safe=ADDRESS)
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname)
        parts.port  # noqa: B018 - raises, if it is none
    except ValueError:
        is_good = False
    if not is_good:
        raise Unknown(f"{text} is no address of http or https")
    return url


def named(text: str, value: Callable[[str], str]) -> str:
    """`text` with `${NAME}` filled in, without space around values. Raises: Unknown."""
    return NAMED.sub(lambda found: value(found[1]).strip(), text)


def reported(text: str, report: Any) -> str:
    """`text` with `${{ report.KEY }}` filled in; what the report has not is empty."""

    def fill(found: re.Match[str]) -> str:
        one = looked_up(found[1], report)
        return one if isinstance(one, str) else "" if one is None else json.dumps(one)

    return REPORTED.sub(fill, text)


def filled(body: Any, report: Any) -> Any:
    """The same in all texts of a value; a text that is one place keeps the type."""
    if isinstance(body, dict):
        return {name: filled(one, report) for name, one in body.items()}
    if isinstance(body, list):
        return [filled(one, report) for one in body]
    if not isinstance(body, str):
        return body
    whole = REPORTED.fullmatch(body)
    return looked_up(whole[1], report) if whole else reported(body, report)


def looked_up(path: str, report: Any) -> Any:
    """What stands at `.a.b` of the report; None if nothing does."""
    for part in path.split(".")[1:]:
        report = report.get(part) if isinstance(report, dict) else None
    return report


def values(environ: Mapping[str, str]) -> Callable[[str], str]:
    """Looks names up in the environment, then in `secrets.env` of the state directory."""
    kept: dict[str, str] | None = None
    path = Path(environ.get("CRAB_STATE", "/nonexistent")) / "secrets.env"

    def value(name: str) -> str:
        nonlocal kept
        if name in environ:
            return environ[name]
        kept = secrets(path) if kept is None else kept
        if name not in kept:
            raise Unknown(f"{name} is neither in the environment nor in {path}")
        return kept[name]

    return value


def secrets(path: Path) -> dict[str, str]:
    """`NAME=VALUE` lines of a file that is its owner's alone. Raises: Unknown: it is not."""
    try:
        with path.open(encoding="utf-8") as file:
            if os.fstat(file.fileno()).st_mode & (stat.S_IRWXG | stat.S_IRWXO):
                raise Unknown(f"{path} can be read by others: chmod 600 it")
            lines = [one.strip() for one in file if "=" in one and not one.startswith("#")]
    except FileNotFoundError:
        return {}
    return {name.strip(): value for name, _, value in (one.partition("=") for one in lines)}


if __name__ == "__main__":
    sys.exit(main())
