"""Gets into a host: host keys verified, jump hosts first, nothing forwarded."""

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import asyncssh
from asyncssh.public_key import get_default_certificate_algs, get_default_public_key_algs

from engine.backends.ssh import hostkeys, identity
from engine.backends.ssh.connection import Connection, Ends
from engine.backends.ssh.guard import Guard
from engine.backends.ssh.handshakes import Handshakes
from engine.backends.ssh.hostkeys import Known
from engine.backends.ssh.options import Places, Target
from engine.backends.ssh.route import Route, find_route, said_by
from engine.backends.ssh.troubles import Attempt, explain
from engine.clock import Clock
from engine.errors import BackendError, LinkRefused
from engine.model.address import Address

_MOST_JUMPS = 8
_CHEAP = "^aes128-gcm@openssh.com,aes256-gcm@openssh.com"
"""Ciphers to take where the host has them: a fifth of what asyncssh's first choice costs."""

_ALWAYS: dict[str, Any] = {
    "agent_forwarding": False,
    "x11_forwarding": False,
    "request_pty": False,
    "command": None,
    "env": None,
    "send_env": None,
    "encoding": None,
    # Nobody is there to be asked, and a host is known by its key or OpenSSH's certificates.
    "password_auth": False,
    "kbdint_auth": False,
    "gss_kex": False,
    "x509_trusted_certs": None,
    "x509_trusted_cert_paths": (),
}


class Dialer:
    """Makes connections to one target."""

    def __init__(
        self, target: Target, places: Places, handshakes: Handshakes, clock: Clock
    ) -> None:
        self._target = target
        self._places = places
        self._handshakes = handshakes
        self._clock = clock
        self._config = [str(places.config.expanduser())] if self._has_config() else None
        self._trust: str | None = None

    def _has_config(self) -> bool:
        return self._target.ssh_config and self._places.config.expanduser().is_file()

    async def connect(self) -> Connection:
        """A connection on which commands can be run.

        Raises:
            Unreachable: not now.
            LinkRefused: not until a person has looked.
        """
        links: list[asyncssh.SSHClientConnection] = []
        with ExitStack() as undoing:
            undoing.callback(_abort, links)
            ends = await self._reach(self._target.address, links, depth=0)
            undoing.pop_all()
        return Connection(links[-1], ends, links[:-1])

    async def trust(self, fingerprint: str) -> None:
        """Accept the key of the first host on the way that is not known, if it is this one.

        Raises:
            InvalidSpec: it is no fingerprint.
            LinkRefused: the host has another key; says which. Nothing was accepted.
            Unreachable: it cannot be asked.
        """
        self._trust = hostkeys.check_fingerprint(fingerprint)
        try:
            await self._trusting()
        finally:
            self._trust = None

    async def _trusting(self) -> None:
        try:
            connection = await self.connect()
        except BackendError:
            if self._trust is not None:
                raise
            return
        shown = connection.fingerprint
        await connection.abort("it was only asked for its key")
        if shown != self._trust:
            raise LinkRefused(f"its key is {shown}, known already; it is not {self._trust}")

    async def _reach(
        self, address: Address, links: list[asyncssh.SSHClientConnection], *, depth: int
    ) -> Ends:
        """Add a connection to `address` to `links`, after those to its jump hosts."""
        if depth > _MOST_JUMPS:
            raise LinkRefused(f"there are more than {_MOST_JUMPS} jump hosts on the way")
        route = await find_route(address, self._config)
        if not links:  # a jump host after the first is reached from that one
            for jump in route.jumps:
                await self._reach(jump, links, depth=depth + 1)
        return await self._enter(address, route, links)

    async def _enter(
        self, address: Address, route: Route, links: list[asyncssh.SSHClientConnection]
    ) -> Ends:
        """Add a connection to `address` itself."""
        key = self._target.identity if address is self._target.address else None
        keys = identity.named(key)
        attempt = self._attempt(route, key)
        try:
            guard, link = await self._shake_hands(address, route, keys, links, attempt)
        except Exception as error:  # asyncssh reads here what any host may send
            self._accept(route, attempt)
            raise explain(error, attempt) from None
        links.append(link)
        return guard

    async def _shake_hands(
        self,
        address: Address,
        route: Route,
        keys: dict[str, Any],
        links: list[asyncssh.SSHClientConnection],
        attempt: Attempt,
    ) -> tuple[Guard, asyncssh.SSHClientConnection]:
        guard, known = Guard(attempt), attempt.known
        settings = {**_ALWAYS, **self._keepalive(), **keys, **said_by(address)}
        if not route.picks_algorithms:
            settings["server_host_key_algs"] = _algorithms(known)
        if not route.picks_ciphers:
            settings["encryption_algs"] = _CHEAP
        async with self._handshakes.turn(route.host, route.port):
            connecting = asyncssh.connect(
                **settings,
                config=self._config,
                tunnel=links[-1] if links else None,
                client_factory=lambda: guard,
                known_hosts=lambda *_: (known.keys, known.authorities, known.revoked),
            )
            seconds = self._target.patience.connect_s
            return guard, await self._clock.within(seconds, connecting)

    def _attempt(self, route: Route, key: str | None) -> Attempt:
        named = route.known_files
        before = self._places.known_before if named is None else [Path(one) for one in named]
        others = before if self._target.ssh_config else ()
        own = self._places.known_hosts
        try:
            known = hostkeys.look_up(own, others, route.known_as, route.port)
        except OSError as error:
            raise LinkRefused(f"{own} cannot be read: {error.strerror}") from None
        return Attempt(
            worker=self._target.name,
            place=route.place,
            user=route.user,
            identity=key,
            seconds=self._target.patience.connect_s,
            known=known,
        )

    def _accept(self, route: Route, attempt: Attempt) -> None:
        """Its key from now on, if an operator has said so of exactly this one."""
        key, own = attempt.offered, self._places.known_hosts
        if key is None or self._trust != key.get_fingerprint():
            return
        try:
            hostkeys.accept(own, route.known_as, route.port, key)
        except OSError as error:
            raise LinkRefused(f"{own} cannot be written: {error.strerror}") from None
        self._trust = None

    def _keepalive(self) -> dict[str, Any]:
        patience = self._target.patience
        return {
            "connect_timeout": None,
            "login_timeout": patience.connect_s,
            "keepalive_interval": patience.keepalive_s,
            "keepalive_count_max": patience.keepalive_count,
        }


def _abort(links: Sequence[asyncssh.SSHClientConnection]) -> None:
    for link in reversed(links):
        link.abort()


def _algorithms(known: Known) -> list[str]:
    """Kinds of host key: those we know first, but all, so that a change is seen for what it is.

    Certificates only where an authority is known: others can be accepted by nobody.
    """
    certified = get_default_certificate_algs() if known.authorities else []
    ours = [name for key in known.keys for name in key.sig_algorithms]
    every = dict.fromkeys([*certified, *ours, *get_default_public_key_algs()])
    return [name.decode("ascii") for name in every]
