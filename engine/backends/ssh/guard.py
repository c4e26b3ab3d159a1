"""Who stands at the door while we connect: lets nobody pass for a host whom we do not know."""

import asyncssh

from engine.backends.ssh.connection import Ends
from engine.backends.ssh.troubles import Attempt


class Guard(Ends):
    """Refuses every key that is not known already, and remembers what it was."""

    def __init__(self, attempt: Attempt) -> None:
        self._attempt = attempt
        self._link: asyncssh.SSHClientConnection | None = None

    def connection_made(self, conn: asyncssh.SSHClientConnection) -> None:
        self._link = conn

    def validate_host_public_key(
        self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey
    ) -> bool:
        self._attempt.offered = key
        return False

    def validate_host_ca_key(
        self, _host: str, _addr: str, _port: int, key: asyncssh.SSHKey
    ) -> bool:
        self._attempt.foreign_authority = key
        return False

    def public_key_auth_requested(self) -> None:
        """There is no further key to try."""
        if self._link is not None:
            self._attempt.accepts = self._link.get_server_auth_methods()
