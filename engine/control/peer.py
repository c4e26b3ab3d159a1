"""Whoever is at the other end of a connection: the words for when they do not answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.control import absence
from engine.errors import EngineError


class Peer(Protocol):
    """The other end, as far as it can be asked about without a connection."""

    def gone(self) -> EngineError:
        """Why the conversation has ended; asked once it has."""
        ...

    def silent(self, seconds: float) -> EngineError:
        """What to say when nothing came for so long."""
        ...

    def babbles(self, broken: EngineError) -> EngineError:
        """What to say when what came is no frame."""
        ...

    def met(self) -> None:
        """It has introduced itself: from now on its end is a loss."""
        ...

    def leave(self) -> None:
        """Let go of what is behind the connection, after that is closed; may be repeated."""
        ...


@dataclass(frozen=True, slots=True)
class Door:
    """The daemon of this machine behind its socket."""

    path: Path

    def gone(self) -> EngineError:
        return absence.gone(self.path)

    def silent(self, seconds: float) -> EngineError:
        return absence.silent(self.path, seconds)

    def babbles(self, broken: EngineError) -> EngineError:
        return broken

    def met(self) -> None:
        """Nothing changes."""

    def leave(self) -> None:
        """Nothing is left."""
