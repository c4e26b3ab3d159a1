"""Samples: the part of a store that keeps what attempts used over time."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from engine.model.ids import AttemptId, Epoch
from engine.model.sight import Usage


class Samples(Protocol):
    """Points of attempts; whoever hands them over says which are worth keeping."""

    async def keep_samples(
        self,
        epoch: Epoch,
        points: Mapping[AttemptId, Sequence[Usage]],
        instead: Mapping[AttemptId, Sequence[Usage]],
    ) -> None:
        """Write down what attempts used, in one transaction.

        Args:
            epoch: Of the daemon that writes; another's writes nothing.
            points: To be kept beside what is kept; one at the same instant is replaced.
            instead: All that is to be kept of these attempts.
        """
        ...

    async def samples(
        self, attempts: Sequence[AttemptId]
    ) -> Mapping[AttemptId, Sequence[Usage]]:
        """What these attempts used, oldest first; those of which nothing is kept left out."""
        ...
