"""Which key a host must have: known hosts, and how an operator accepts one."""

import os
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asyncssh import SSHKey
from asyncssh.known_hosts import SSHKnownHosts

from engine.errors import InvalidSpec
from engine.model.address import DEFAULT_PORT

_FINGERPRINT = re.compile(r"SHA256:[A-Za-z0-9+/]{43}")


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one host."""

    keys: Sequence[SSHKey] = ()
    authorities: Sequence[SSHKey] = ()
    """Keys that may vouch for its key."""
    revoked: Sequence[SSHKey] = ()
    exact: Sequence[SSHKey] = field(default=())
    """Keys of exactly this host and port: if it has another one now, it has changed."""


def check_fingerprint(text: str) -> str:
    """`text`, if it is a fingerprint as we show them. Raises: InvalidSpec, if not."""
    if not _FINGERPRINT.fullmatch(text):
        raise InvalidSpec(
            f"{text[:80]!r} is no fingerprint: it is `SHA256:` and 43 letters and digits, "
            "as `ssh-keygen -lf` shows it",
            field="trust",
        )
    return text


def known_name(host: str, port: int | None) -> str:
    """A host as `known_hosts` names it."""
    host = host.lower()
    return host if port in (None, DEFAULT_PORT) else f"[{host}]:{port}"


def look_up(own: Path, others: Sequence[Path], host: str, port: int | None) -> Known:
    """What these files know of a host; a key in our own file rules out those in others.

    There a line that names the host, as `accept` writes it, rules out hashes and patterns.

    Raises:
        OSError: our own file is there and cannot be read.
    """
    name = known_name(host, port)
    ours, theirs = _read(_lines(own)), _read(_lines_of(others))
    exact_ours, exact_theirs = (_match(hosts, name)[0] for hosts in (ours, theirs))
    accepted = _match(_read([line for line in _lines(own) if _names(line, name)]), name)[0]
    exact_ours = accepted or exact_ours
    plain = _match(ours, host.lower())[0], _match(theirs, host.lower())[0]
    found = [_match(hosts, some) for hosts in (ours, theirs) for some in {name, host.lower()}]
    return Known(
        keys=exact_ours or exact_theirs or plain[0] or plain[1],
        authorities=[key for one in found for key in one[1]],
        revoked=[key for one in found for key in one[2]],
        exact=exact_ours or exact_theirs,
    )


def accept(own: Path, host: str, port: int | None, key: SSHKey) -> None:
    """From now on this is the host's key, instead of any that our file had.

    Raises:
        OSError: the file cannot be written; it is as it was.
    """
    name = known_name(host, port)
    kept = [left for line in _lines(own) if (left := _without(line, name))]
    text = "".join(f"{line}\n" for line in [*kept, f"{name} {public_text(key)}"])
    own.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = own.with_name(f"{own.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    fresh.replace(own)


def public_text(key: SSHKey) -> str:
    """Kind and key in letters, without a comment."""
    return " ".join(key.export_public_key().decode("ascii").split()[:2])


def _without(line: str, name: str) -> str:
    """A line of known hosts for all hosts that it names but this one; empty if none is left.

    Marked lines stay: what is revoked is not unsaid by accepting something.
    """
    if not _names(line, name):
        return line
    said, rest = line.split(None, 1)
    names = [one for one in said.split(",") if one.lower() != name]
    return f"{','.join(names)} {rest}" if names else ""


def _names(line: str, name: str) -> bool:
    """Whether an unmarked line of known hosts names a host in plain words."""
    words = line.split(None, 1)
    if len(words) < 2 or words[0].startswith(("@", "#", "|")):
        return False
    return name in words[0].lower().split(",")


def _lines(path: Path) -> list[str]:
    try:
        return path.expanduser().read_text("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []


def _lines_of(paths: Iterable[Path]) -> list[str]:
    """Those of files that are not ours; one that cannot be read knows nobody."""
    found: list[str] = []
    for path in paths:
        try:
            found += _lines(path)
        except OSError:
            continue
    return found


def _read(lines: Sequence[str]) -> SSHKnownHosts:
    """What can be understood of them: one odd line must not hide the others."""
    hosts = SSHKnownHosts()
    for line in lines:
        try:
            hosts.load(line)
        except ValueError:
            continue
    return hosts


def _match(
    hosts: SSHKnownHosts, name: str
) -> tuple[Sequence[SSHKey], Sequence[SSHKey], Sequence[SSHKey]]:
    """Keys, authorities and revoked keys of a name as it stands in the file."""
    keys, authorities, revoked, *_ = hosts.match(name, "", None)
    return keys, authorities, revoked
