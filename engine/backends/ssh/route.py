"""Where an address leads by the SSH configuration: the host, and those to go through."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import asyncssh

from engine.errors import InvalidSpec, LinkRefused
from engine.model.address import DEFAULT_PORT, Address, parse


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One way to one host."""

    place: str
    """Host and port for people."""
    host: str
    port: int
    user: str
    known_as: str
    jumps: Sequence[Address] = ()
    known_files: Sequence[str] | None = None
    """Files of known hosts that the configuration names."""
    picks_algorithms: bool = False
    """Kinds of host key that the configuration names."""
    picks_ciphers: bool = False


async def find_route(address: Address, config: Sequence[str] | None) -> Route:
    """The way to an address. Raises: LinkRefused, if the configuration makes no sense."""
    try:
        options = await asyncssh.SSHClientConnectionOptions.construct(
            config=config, client_keys=None, x509_trusted_certs=None, **said_by(address)
        )
        jumps = options.tunnel.split(",") if isinstance(options.tunnel, str) else ()
        return Route(
            place=_place(address, options.host, options.port),
            host=options.host,
            port=options.port,
            user=options.username,
            known_as=options.host_key_alias or options.host,
            jumps=[parse(jump.strip()) for jump in jumps],
            known_files=_known_files(options.config),
            picks_algorithms=options.config.get("HostKeyAlgorithms") is not None,
            picks_ciphers=options.config.get("Ciphers") is not None,
        )
    except (asyncssh.Error, OSError, ValueError, InvalidSpec) as error:
        raise LinkRefused(f"the SSH setup for {address} is not right: {error}") from None


def said_by(address: Address) -> dict[str, Any]:
    """What the address says; the rest is left to the configuration."""
    found: dict[str, Any] = {"host": address.host}
    if address.port is not None:
        found["port"] = address.port
    if address.user is not None:
        found["username"] = address.user
    return found


def _place(address: Address, host: str, port: int) -> str:
    where = str(Address(host, port=None if port == DEFAULT_PORT else port))
    return where if address.host == host else f"{address.host} ({where})"


def _known_files(config: Any) -> Sequence[str] | None:
    users, machines = config.get("UserKnownHostsFile"), config.get("GlobalKnownHostsFile")
    return None if users is None and machines is None else [*(users or ()), *(machines or ())]
