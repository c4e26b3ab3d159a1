"""What the app may ask of whatever fills a screen between its bars."""

from typing import Protocol

from crabtui.acts.situation import Scope
from crabtui.addresses import Address
from crabtui.data.wording import Zone
from crabtui.messages import Came
from engine.control.views import JobRow, QueueView


class Body(Protocol):
    """A view, or the content of a pushed screen."""

    @property
    def scopes(self) -> tuple[Scope, ...]:
        """Where keys work now, nearest first."""
        ...

    @property
    def targets(self) -> tuple[JobRow, ...]:
        """The jobs that an act would be for."""
        ...

    @property
    def all_matching(self) -> str | None:
        """The query that names the targets instead, if all that match are marked."""
        ...

    @property
    def total(self) -> int | None:
        """How many jobs that query names; None while unknown."""
        ...

    @property
    def hidden(self) -> int:
        """How many targets the filter hides."""
        ...

    @property
    def queue(self) -> QueueView | str | None:
        """The queue that an act would be for, or its name."""
        ...

    @property
    def address(self) -> Address:
        """Where this is, to come back to."""
        ...

    def came(self, event: Came) -> None:
        """Take an answer, if it is one that this asked for."""
        ...

    def enter(self) -> None:
        """It is looked at again."""
        ...

    def leave(self) -> None:
        """It is not looked at any more."""
        ...

    def step_back(self) -> bool:
        """One thing that escape undoes here; False if there is nothing left."""
        ...

    def tick(self, now_at: int, *, stale: bool) -> None:
        """Let a second pass."""
        ...

    def show_zone(self, zone: Zone) -> None:
        """Show times in this zone."""
        ...

    def freeze(self, *, frozen: bool) -> None:
        """Keep everything as it is, or go on."""
        ...
