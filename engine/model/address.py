"""Where a host is, as people write it: `user@host:port`, `[v6]:port`, `ssh://user@host`."""

import ipaddress
import re
from dataclasses import dataclass, replace
from urllib.parse import unquote

from engine.errors import InvalidSpec

DEFAULT_PORT = 22
_HOST = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.\-]{0,254}")
_USER = re.compile(r"[^\s:/\x00-\x1f\x7f-][^\s:/\x00-\x1f\x7f]{0,254}")


@dataclass(frozen=True, slots=True)
class Address:
    """One account on one host; None: as the SSH configuration has it, or the usual."""

    host: str
    user: str | None = None
    port: int | None = None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        user = "" if self.user is None else f"{self.user}@"
        return f"{user}{host}" if self.port is None else f"{user}{host}:{self.port}"


def parse(text: str, *, field: str = "address") -> Address:
    """The address that `text` is.

    Raises:
        InvalidSpec: it is none; says what is wrong with which part.
    """
    if text.lower().startswith("ssh://"):
        return _from_url(text[len("ssh://") :], field)
    user, at, place = text.rpartition("@")
    address = _place(place, field)
    return replace(address, user=_user(user, field)) if at else address


def _from_url(rest: str, field: str) -> Address:
    authority, _, path = rest.partition("/")
    if path:
        raise InvalidSpec(
            f"an address ends with the port, there is nothing to be found at {_shown(path)}",
            field=field,
            nearest=f"ssh://{authority}",
        )
    user, at, place = authority.rpartition("@")
    address = _place(place, field)
    return replace(address, user=_user(unquote(user), field)) if at else address


def _place(place: str, field: str) -> Address:
    if place.startswith("["):
        host, closed, rest = place[1:].partition("]")
        if not closed or (rest and not rest.startswith(":")):
            raise InvalidSpec(f"{_shown(place)} is not [address]:port", field=field)
        return Address(_v6(host, field), port=_port(rest[1:], field) if rest else None)
    if place.count(":") > 1:
        return Address(_v6(place, field))
    host, colon, port = place.partition(":")
    return Address(_host(host, field), port=_port(port, field) if colon else None)


def _v6(text: str, field: str) -> str:
    try:
        return str(ipaddress.IPv6Address(text))
    except ValueError:
        why = f"{_shown(text)} is no IPv6 address, and a host has no colons in its name"
        raise InvalidSpec(why, field=field) from None


def _host(text: str, field: str) -> str:
    if not text:
        raise InvalidSpec("the address names no host; it is `user@host:port`", field=field)
    if not _HOST.fullmatch(text):
        raise InvalidSpec(f"{_shown(text)} is no name of a host", field=field)
    return text


def _user(text: str, field: str) -> str:
    if ":" in text:
        raise InvalidSpec("an address holds no password; keys let us in", field=field)
    if not _USER.fullmatch(text):
        raise InvalidSpec(f"{_shown(text)} is no name of a user", field=field)
    return text


def _port(text: str, field: str) -> int:
    if text.isascii() and text.isdigit() and len(text) <= 5 and 1 <= int(text) <= 65535:
        return int(text)
    raise InvalidSpec(f"the port {_shown(text)} is not 1 to 65535", field=field, nearest="22")


def _shown(text: str) -> str:
    return repr(text[:80])
