"""What a connection to one worker is to be like."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.model.address import Address


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How long a host may be silent."""

    connect_s: float = 15.0
    """For reaching the host and being let in."""
    keepalive_s: float = 5.0
    """After so much silence it is asked whether it is there,"""
    keepalive_count: int = 3
    """at most so often; then the connection is given up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """One worker's host, and how to get into it."""

    name: str
    """Of the worker, as commands name it."""
    address: Address
    identity: str | None = None
    """The private key to use; None: those of the agent and the usual files."""
    ssh_config: bool = False
    """Whether the account's own SSH configuration holds: then it may run local commands
    (`ProxyCommand`, `Match exec`), and its known hosts are known here too.
    """
    patience: Patience = Patience()


@dataclass(frozen=True, slots=True, kw_only=True)
class Places:
    """Files that belong to all connections of one daemon."""

    known_hosts: Path
    """Ours: keys that an operator has accepted."""
    config: Path = Path("~/.ssh/config")
    known_before: Sequence[Path] = (
        Path("~/.ssh/known_hosts"),
        Path("/etc/ssh/ssh_known_hosts"),
    )
    """Keys that OpenSSH knows, where the SSH configuration names no others."""
