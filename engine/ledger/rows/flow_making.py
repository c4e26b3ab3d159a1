"""Making the rows of a workflow with what a submission knows."""

from collections.abc import Mapping
from typing import Any

from engine.ledger.rows.submission import Sender, Submissions
from engine.model.intake import Reader
from engine.model.job import Shape
from engine.model.resources import Resources
from engine.model.spec import JobSpec


class FlowMaker:
    """`engine.ledger.rows.flows.Maker`, for one sender."""

    def __init__(self, submissions: Submissions, sender: Sender) -> None:
        self._submissions = submissions
        self._sender = sender
        self._fits: tuple[str, str, Resources] | None = None
        """What the last one asked for, and from whom: neighbours are often alike."""
        self._readers: dict[int, tuple[Mapping[str, Any], Reader]] = {}
        """By the identity of the defaults, which are held so that it stays theirs."""

    def read(self, raw: Mapping[str, Any], defaults: Mapping[str, Any], where: str) -> JobSpec:
        """What a job says. Raises: InvalidSpec."""
        known = self._readers.get(id(defaults))
        if known is None:
            known = (defaults, self._submissions.reader(self._sender.saying(defaults)))
            self._readers[id(defaults)] = known
        return known[1].read(raw, where)

    def must_fit(self, spec: JobSpec, where: str) -> None:
        """Let a job pass that is in time, and within what its tenant may have.

        Raises:
            InvalidSpec: it could never run.
        """
        asks = (spec.tenant, spec.namespace, spec.resources)
        if asks != self._fits or spec.constraints.deadline_at is not None:
            self._submissions.must_fit(spec, where)
            self._fits = asks

    async def shape(self, spec: JobSpec, where: str) -> int:
        """Key of its shape. Raises: InvalidSpec: no worker could ever hold it."""
        return await self._submissions.shape(spec, where)

    async def own_shape(self, shape: Shape) -> int:
        """Key of a shape that one submission alone has."""
        return await self._submissions.own_shape(shape)

    async def unmet_outside(self, spec: JobSpec, where: str) -> int:
        """How many jobs outside of the workflow it still waits for. Raises: InvalidSpec."""
        if not spec.constraints.edges:
            return 0
        return await self._submissions.unmet(spec, where)
