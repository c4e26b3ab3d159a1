"""A world that has a past: what it was when it was remembered can be asked for."""

import copy
from typing import Any

import msgspec

from engine.control import messages as m
from engine.control import views as v
from engine.errors import InvalidSpec
from tests.kit.answers import some_stats
from tests.kit.fake_door import a_daemon
from tests.kit.fake_world import ANSWERS, Door, World

LOOKS = (
    m.ListJobs,
    m.ShowJob,
    m.ListQueues,
    m.ListWorkers,
    m.ListEvents,
    m.ListReasons,
    m.Explain,
)
KEPT = ("jobs", "queues", "attempts", "gates", "reasons", "workers", "events")


class Remembered:
    """Gives a world its `moment` verb, and answers looks with `as_of` by what was kept."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._then: dict[int, World] = {}
        self._at: dict[int, int] = {}
        for kind in LOOKS:
            usual = world.answers.get(kind) or self._usual
            world.answers[kind] = self._answering(usual)
        world.answers[m.FindMoment] = self._find
        world.answers[m.GetStats] = self._stats

    def keep(self) -> int:
        """Remember everything as it is now; the number of the event."""
        then = World(self.world.clock)
        for name in KEPT:
            setattr(then, name, copy.copy(getattr(self.world, name)))
        seq = self.world.seq
        self._then[seq], self._at[seq] = then, self.world.clock.now()
        return seq

    def _usual(self, ask: Any) -> Any:
        return ANSWERS[type(ask)](Door(self.world, read_only=False), ask)

    def _answering(self, usual: Any) -> Any:
        def answer(ask: Any) -> Any:
            if ask.as_of is None:
                return usual(ask)
            past = Door(self._then[ask.as_of], read_only=False)
            return ANSWERS[type(ask)](past, msgspec.structs.replace(ask, as_of=None))

        return answer

    def _find(self, ask: m.FindMoment) -> v.MomentView:
        known = sorted(self._then)
        if ask.seq is not None:
            found = [seq for seq in known if seq == ask.seq]
        else:
            found = [seq for seq in known if self._at[seq] <= (ask.at or 0)]
        if not found:
            raise InvalidSpec(
                f"that is before what is known: the past begins with #{known[0]}",
                field="as_of",
                nearest=f"#{known[0]}",
            )
        seq, head = found[-1], self.world.seq
        return v.MomentView(
            seq=seq,
            at=self._at[seq],
            first_seq=known[0],
            first_at=self._at[known[0]],
            head=head,
            head_at=self.world.clock.now(),
        )

    def _stats(self, ask: m.GetStats) -> v.Stats:
        world = self.world if ask.as_of is None else self._then[ask.as_of]
        counted = v.JobCounts(by_state=world.by_state(), by_queue={})
        return msgspec.structs.replace(some_stats(a_daemon()), jobs=counted)
