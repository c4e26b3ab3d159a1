"""How the console reaches its daemon."""

from dataclasses import replace
from pathlib import Path

from crabtui.feed import Door
from engine.control.blocking import BlockingClient
from engine.control.remote import Remote


class Reaching:
    """Opens connections: first what is open already, then anew; these never ask anything."""

    def __init__(self, where: Path | Remote, first: BlockingClient | None = None) -> None:
        self._where = where if isinstance(where, Path) else replace(where, starts=False)
        self._first = first

    async def __call__(self, *, read_only: bool) -> Door:
        from engine.control import client

        begun, self._first = self._first, None
        if begun is not None:
            return await client.take_over(begun)
        return await client.connect(self._where, read_only=read_only, kind="console")

    def close(self) -> None:
        """Hang up what was opened and never used."""
        if self._first is not None:
            self._first.close()
