"""A daemon that lies in every text it says: sequences, markup, signs that reorder or hide."""

import asyncio
import itertools
from pathlib import Path
from typing import Any, Final

import msgspec

from engine.control import messages as m
from engine.control import views as v
from engine.errors import EngineError, NotAllowed
from tests.kit import fake_logs
from tests.kit.fake_door import FakeDoor, Open
from tests.kit.fake_world import ANSWERS, Door, World

MARKUP: Final = "[/nope][@click=app.quit]go[/]"
HOSTILE: Final = (
    f"{MARKUP}\x1b]0;owned\x07\x1b]52;c;b3duZWQ=\x07\x1b[2J\x1bPowned\x1b\\\x1b_owned\x1b\\"
    "\x1b]8;;http://owned/\x07\u202egpj\u200b\u2066\x9b2J\x9d0;owned\x9c\x90owned\x9c\x1b"
)
"""At the end of every text; the last sign would begin what we write after it."""

_MEANT: Final = frozenset(
    [
        "act",
        "backend",
        "breaker",
        "code",
        "health",
        "jump",
        "kind",
        "level",
        "limit_from",
        "limits",
        "mode",
        "phase",
        "priority",
        "priorities",
        "restart",
        "role",
        "sort",
        "source",
        "state",
        "stream",
        "streams",
        "token",
        "unit",
        "verb",
        "was",
        "now",
        "field",
        "protocol",
        "rights",
        "version",
        "verdict",
        "ends_by",
        "capacity",
        "taken",
        "quota",
        "where",
        "until",
        "by_state",
        "members",
        "begin_at",
    ]
)
"""Fields whose texts the protocol or a later question needs as they are."""


def hostile(value: Any) -> Any:
    """The same answer with `HOSTILE` after each text that is free."""
    if type(value) is str:
        return value + HOSTILE
    if isinstance(value, msgspec.Struct):
        names = [name for name in value.__struct_fields__ if name not in _MEANT]
        return msgspec.structs.replace(value, **{n: hostile(getattr(value, n)) for n in names})
    if isinstance(value, tuple | list):
        return type(value)(hostile(item) for item in value)
    if isinstance(value, dict):
        return {hostile(key): hostile(item) for key, item in value.items()}
    return value


class HostileDoor(FakeDoor):
    """The world's answers, each made hostile, at a real socket."""

    def __init__(self, state: Path, world: World) -> None:
        super().__init__(state)
        inner = Door(world)
        counted = itertools.count()

        def answer(ask: Any) -> Any:
            own = world.answers.get(type(ask))
            try:
                return hostile(own(ask) if own else ANSWERS[type(ask)](inner, ask))
            except EngineError as error:
                raise NotAllowed(error.message + HOSTILE) from None

        def refuse(ask: Any) -> Any:
            raise NotAllowed(f"refused {next(counted)} {HOSTILE}")

        self.answers |= dict.fromkeys((*ANSWERS, *world.answers), answer)
        hello = hostile(inner.hello)
        same = msgspec.structs.replace(hello.daemon, version=m.VERSION)
        self.answers[m.SayHello] = msgspec.structs.replace(hello, daemon=same)
        acts = (m.Cancel, m.Hold, m.SetPriority, m.Retry, m.SetQueue, m.SetWorker, m.Submit)
        self.answers |= dict.fromkeys(acts, refuse)
        pulse = m.Pulse(
            seq=world.seq,
            now_at=world.clock.now(),
            jobs=(),
            queues=True,
            by_state=world.by_state(),
        )
        self.answers[m.Watch] = lambda _: Open([pulse])
        self.answers[m.FollowLog] = lambda ask: Open([_log(world, ask)])
        self.answers[m.SearchLog] = lambda ask: _search(world, ask)
        self.answers[m.SearchLogs] = lambda ask: hostile(_found(world))


def _log(world: World, ask: Any) -> v.LogChunk:
    data = world.logs.get((ask.id, ask.stream), b"")
    return v.LogChunk(
        data=data, offset=0, size=len(data), dropped=0, attempt=f"{ask.id}-1-1", final=False
    )


async def _searched(world: World, ask: m.SearchLog) -> list[v.LogFound]:
    return [found async for found in fake_logs.search_log(world.logs, ask)]


def _search(world: World, ask: m.SearchLog) -> list[v.LogFound]:
    return asyncio.run(_searched(world, ask))


def _found(world: World) -> list[v.LogsFound]:
    """The first line of each log, and a log that cannot be read."""
    told = [
        v.LogsFound(
            job=job,
            name=world.jobs[job].name,
            attempt=f"{job}-1-1",
            number=1,
            stream=stream,
            worker="gpu-01",
            hits=(v.LogHit(offset=0, before=0, data=data.partition(b"\n")[0]),),
        )
        for (job, stream), data in world.logs.items()
    ]
    lost = v.LogsFound(job=2, name="lost", stream="out", worker="gpu-02", trouble="not there")
    total = v.SearchTotal(
        matched=9, matched_is_exact=True, jobs=2, logs=2, bytes=9, hits=1, unread=1
    )
    return [*told, lost, v.LogsFound(total=total)]
