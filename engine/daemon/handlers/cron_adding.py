"""`add_cron`: something recurs from now on."""

from contextlib import suppress
from functools import partial
from itertools import islice
from typing import Any

from msgspec.structs import replace

from engine.config.zones import local_zone, zone_of
from engine.control.messages import AddCron
from engine.control.views import CronAdded
from engine.daemon.desk import Caller, Desk
from engine.errors import InvalidSpec, NotAllowed, StaleLease
from engine.ledger.rows.submission import Sender
from engine.ledger.writes import Write
from engine.model.cron import Cron, Missed, Overlap, Work
from engine.model.events import EventType
from engine.model.ids import check_name
from engine.model.intake import check_surroundings
from engine.model.intake.scalars import instant
from engine.model.intake.wrong import Wrong
from engine.policy.crons.firing import arranged
from engine.policy.crons.instants import instants
from engine.policy.crons.reading import read_schedule
from engine.store.crons import CronMove
from engine.store.units import Draft, Unit

MOST = 1_000
"""Schedules of one daemon."""

TRIES = 10

MOST_JITTER_MS = 86_400_000


async def answer(desk: Desk, caller: Caller, ask: AddCron) -> CronAdded:
    """Remember a schedule, or put another one in its place.

    Raises:
        InvalidSpec: the schedule, the zone, or what it is to submit is wrong.
        NotAllowed: there is one of this name, and it was not to be replaced.
    """
    caller.must_act()
    check_name("cron", ask.name)
    check_surroundings(ask.cwd, ask.env)
    sender = Sender(user=caller.user, cwd=ask.cwd, env=ask.env, defaults={})
    cron = await _cron(desk, ask, sender)
    upcoming = next_instants(cron, desk.clock.now(), 3)
    if not upcoming:
        raise InvalidSpec("it would never run: its end comes before its first run", field="end")
    _check_jitter(cron, upcoming)
    cron = arranged(cron, upcoming[0], desk.crons.rng)
    await desk.cron_runs.check(cron, sender)
    was = await _put(desk, caller, ask, cron)
    return CronAdded(
        name=cron.name,
        next=tuple(upcoming),
        zone=cron.zone,
        was=None if was is None else was.spec,
        now_at=desk.clock.now(),
    )


def next_instants(cron: Cron, now_at: int, count: int) -> list[int]:
    """When a schedule is due next, at most `count` times, up to its end."""
    first = now_at if cron.start_at is None else max(now_at, cron.start_at - 1)
    all_ = instants(read_schedule(cron.spec), zone_of(cron.zone), first, cron.added_at)
    return [at for at in islice(all_, count) if cron.end_at is None or at <= cron.end_at]


async def _cron(desk: Desk, ask: AddCron, sender: Sender) -> Cron:
    if (ask.job is None) == (ask.workflow is None):
        raise InvalidSpec("say what to submit: a `job` or a `workflow`", field="job")
    if ask.params and ask.workflow is None:
        raise InvalidSpec("only workflows have params", field="params")
    read_schedule(ask.spec)
    zone = ask.zone or local_zone()
    zone_of(zone)
    body: dict[str, Any] | None = ask.job if ask.job is not None else ask.workflow
    return Cron(
        name=ask.name,
        spec=ask.spec.strip(),
        zone=zone,
        work=Work.JOB if ask.job is not None else Work.WORKFLOW,
        body=body or {},
        params=ask.params,
        surroundings=await desk.reception.remember(sender),
        user=sender.user,
        missed=Missed(ask.missed),
        overlap=Overlap(ask.overlap),
        jitter_ms=ask.jitter_ms,
        start_at=_instant(desk, "start", ask.start),
        end_at=_instant(desk, "end", ask.end),
        added_at=desk.clock.now(),
    )


def _instant(desk: Desk, field: str, said: str | None) -> int | None:
    if said is None:
        return None
    try:
        return instant(said, desk.clock.now(), 0)
    except Wrong as wrong:
        raise wrong.error(field) from None


def _check_jitter(cron: Cron, upcoming: list[int]) -> None:
    """A run that is later than the next one would be would never be on time."""
    if not 0 <= cron.jitter_ms <= MOST_JITTER_MS:
        raise InvalidSpec(f"jitter {cron.jitter_ms} ms: 0 to a day", field="jitter_ms")
    if len(upcoming) > 1 and cron.jitter_ms * 1000 >= upcoming[1] - upcoming[0]:
        gap_ms = (upcoming[1] - upcoming[0]) // 1000
        raise InvalidSpec(
            f"jitter {cron.jitter_ms} ms: its runs are only {gap_ms} ms apart",
            field="jitter_ms",
        )


async def _put(desk: Desk, caller: Caller, ask: AddCron, cron: Cron) -> Cron | None:
    """Write it; the one that it replaced, if there was one."""
    for _ in range(TRIES):
        was = await desk.store.cron(ask.name)
        await _must_have_room(desk, ask, was)
        unit = Unit(
            epoch=desk.working_set.epoch,
            crons=[_move(cron, was)],
            events=[_told(caller, cron, was), *caller.account.closing(changed=1, own=1)],
        )
        with suppress(StaleLease):  # a run of it was started meanwhile
            caller.account.done(await desk.ledger.writer.post(partial(Write, unit)))
            desk.crons.look_again(ask.name)
            return was
    raise StaleLease(f"cron {ask.name!r} is being changed by others; try again")


async def _must_have_room(desk: Desk, ask: AddCron, was: Cron | None) -> None:
    if was is not None and not ask.replace:
        raise NotAllowed(
            f"there is a cron {ask.name!r} already; --replace puts this in its place"
        )
    if was is None and len(await desk.store.crons()) >= MOST:
        raise NotAllowed(f"there are {MOST} crons; remove one first")


def _move(cron: Cron, was: Cron | None) -> CronMove:
    """What runs of the one before may not overlap with the new one's runs either."""
    if was is None:
        return CronMove(name=cron.name, now=cron)
    now = replace(cron, live=was.live)
    return CronMove(name=cron.name, was_version=was.version, now=now)


def _told(caller: Caller, cron: Cron, was: Cron | None) -> Draft:
    kind = EventType.CRON_ADDED if was is None else EventType.CRON_CHANGED
    data: dict[str, object] = {"cron": cron.name, "spec": cron.spec, "zone": cron.zone}
    return Draft(type=kind, actor=caller.user, data=data)
