"""Why a host cannot be had: what asyncssh and the system say, in sentences with a way out."""

import errno
import logging
import socket
from collections.abc import Sequence
from dataclasses import dataclass

import asyncssh

from engine.backends.ssh.hostkeys import Known
from engine.errors import BackendError, LinkRefused, Unreachable

log = logging.getLogger(__name__)

_NO_ROUTE = (errno.EHOSTUNREACH, errno.ENETUNREACH, errno.EHOSTDOWN, errno.ENETDOWN)
_CLOSED = (errno.ECONNRESET, errno.EPIPE, errno.ECONNABORTED)


@dataclass(slots=True)
class Attempt:
    """What came of one try to get into a host, as far as it got."""

    worker: str
    place: str
    """Host and port, as people know them."""
    user: str
    identity: str | None
    seconds: float
    known: Known
    offered: asyncssh.SSHKey | None = None
    """The key that it showed and nobody knew."""
    foreign_authority: asyncssh.SSHKey | None = None
    """Who vouched for its key, and is not known."""
    accepts: Sequence[str] = ()
    """Ways in that it named."""


def explain(error: Exception, attempt: Attempt) -> BackendError:
    """What to tell of an error while connecting; Unreachable where a retry may help."""
    match error:
        case asyncssh.HostKeyNotVerifiable():
            return _host_key(error, attempt)
        case asyncssh.PermissionDenied():
            return _not_let_in(attempt)
        case asyncssh.KeyExchangeFailed() | asyncssh.ProtocolNotSupported():
            return LinkRefused(f"we and {attempt.place} have no SSH in common: {error.reason}")
        case asyncssh.DisconnectError() if "authentication failures" in error.reason:
            return _not_let_in(
                attempt, " before the right key was tried: name it as `identity`"
            )
        case asyncssh.ChannelOpenError():
            return _no_way_through(error, attempt)
        case asyncssh.Error():
            return Unreachable(f"{attempt.place} hung up: {error.reason or 'it said nothing'}")
        case OSError():
            return _network(error, attempt)
        case BackendError():
            return error
        case ValueError() | OverflowError():
            return LinkRefused(f"the SSH setup for {attempt.place} is not right: {error}")
    log.error("the way into %s broke", attempt.place, exc_info=error)
    return Unreachable(
        f"what {attempt.place} says breaks our SSH: {type(error).__name__}: {error} "
        "(the daemon's log has the whole story)"
    )


def _network(error: OSError, attempt: Attempt) -> BackendError:
    place, text = attempt.place, str(error)
    if isinstance(error, socket.gaierror):
        return Unreachable(f"the name of {place} does not resolve: {error.strerror}")
    if isinstance(error, TimeoutError):
        return Unreachable(f"{place} did not let us in within {attempt.seconds:g} s")
    if error.filename is not None:
        return LinkRefused(f"{error.filename} cannot be read: {error.strerror}")
    if error.errno == errno.ECONNREFUSED or f"Errno {errno.ECONNREFUSED}" in text:
        return Unreachable(f"nothing answers at {place}: connection refused")
    if error.errno in _NO_ROUTE:
        return Unreachable(f"there is no route to {place}: {error.strerror}")
    if error.errno in _CLOSED:
        return Unreachable(f"{place} closed the connection")
    return Unreachable(f"{place} cannot be reached: {error.strerror or text}")


def _no_way_through(error: asyncssh.ChannelOpenError, attempt: Attempt) -> BackendError:
    if error.code == asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED:
        return LinkRefused(f"the jump host lets nobody through to {attempt.place}")
    return Unreachable(f"the jump host cannot reach {attempt.place}: {error.reason}")


def _not_let_in(attempt: Attempt, why: str = "") -> LinkRefused:
    with_what = f"the key {attempt.identity}" if attempt.identity else "every key we have"
    accepts = ", ".join(attempt.accepts)
    return LinkRefused(
        f"{attempt.place} does not let {attempt.user} in{why}; tried {with_what}"
        + (f"; it accepts {accepts}" if accepts else ""),
        details={"user": attempt.user, "host": attempt.place, "methods": [*attempt.accepts]},
    )


def _host_key(error: asyncssh.HostKeyNotVerifiable, attempt: Attempt) -> LinkRefused:
    key = attempt.offered
    if key is None:
        return _host_certificate(error, attempt)
    shown = key.get_fingerprint()
    kind = key.get_algorithm().removeprefix("ssh-")
    accept = f"crabtui workers reconnect {attempt.worker} --trust {shown}"
    expected = [one.get_fingerprint() for one in attempt.known.exact]
    if expected:
        why = (
            f"THE HOST KEY OF {attempt.place} HAS CHANGED: it shows {shown} ({kind}), known is "
            f"{' and '.join(expected)}. Somebody may be in between. Only if you know that the "
            f"host has this new key: {accept}"
        )
    else:
        why = (
            f"the {kind} key of {attempt.place} is not known: {shown}. If that is what the "
            f"host's own `ssh-keygen -lf` shows, accept it (a worker that is added takes the "
            f"same `--trust`): {accept}"
        )
    details = {"fingerprint": shown, "kind": kind, "host": attempt.place, "known": expected}
    return LinkRefused(why, details=details)


def _host_certificate(error: asyncssh.HostKeyNotVerifiable, attempt: Attempt) -> LinkRefused:
    if "revoked" in error.reason:
        return LinkRefused(f"the key of {attempt.place} is revoked in known_hosts")
    if attempt.foreign_authority is not None:
        by = attempt.foreign_authority.get_fingerprint()
        return LinkRefused(
            f"the key of {attempt.place} is vouched for by {by}, not known to us"
        )
    return LinkRefused(f"the key of {attempt.place} cannot be trusted: {error.reason}")
