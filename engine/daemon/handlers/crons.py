"""`crons` and `cron`: what recurs, when, and how that went."""

from engine.control.messages import ListCrons, ShowCron
from engine.control.views import CronDetail, CronsView, CronView
from engine.daemon.desk import Caller, Desk
from engine.daemon.handlers.cron_acts import find_cron
from engine.daemon.handlers.cron_adding import next_instants
from engine.errors import InvalidSpec
from engine.model.cron import Cron
from engine.model.ids import JobId

MOST = 1_000
"""Instants that are told at once."""


async def answer(desk: Desk, _: Caller, __: ListCrons) -> CronsView:
    """All of them, by name."""
    crons = await desk.store.crons()
    last = [cron.last_job for cron in crons if cron.last_job is not None]
    states = {job.id: job.now.state.value for job in await desk.store.jobs(last)}
    return CronsView(
        crons=tuple(_view(desk, cron, states) for cron in crons), now_at=desk.clock.now()
    )


async def show(desk: Desk, _: Caller, ask: ShowCron) -> CronDetail:
    """One of them. Raises: NotFound, naming the nearest; InvalidSpec for a wild count."""
    if not 0 <= ask.count <= MOST:
        raise InvalidSpec(f"count {ask.count}: 0 to {MOST}", field="count")
    cron = await find_cron(desk, ask.name)
    jobs = await desk.store.jobs([] if cron.last_job is None else [cron.last_job])
    now_at = desk.clock.now()
    return CronDetail(
        cron=_view(desk, cron, {job.id: job.now.state.value for job in jobs}),
        body=cron.body,
        next=tuple(next_instants(cron, now_at, ask.count)),
        now_at=now_at,
    )


def _view(desk: Desk, cron: Cron, states: dict[JobId, str]) -> CronView:
    last = cron.last_job
    return CronView(
        name=cron.name,
        spec=cron.spec,
        zone=cron.zone,
        work=cron.work.value,
        command=desk.cron_runs.text(cron),
        user=cron.user,
        missed=cron.missed.value,
        overlap=cron.overlap.value,
        next_at=None if cron.is_paused else cron.next_at,
        due_at=cron.due_at,
        paused_by=cron.paused_by,
        paused_at=cron.paused_at,
        last_at=cron.last_at,
        last_job=last,
        last_state=None if last is None else states.get(last),
        fired=cron.fired,
        missed_runs=cron.missed_runs,
        missed_at=cron.missed_at,
        skipped=cron.skipped,
        owed=len(cron.owed) + len(cron.starting),
        live=tuple(cron.live),
        trouble=cron.trouble,
        is_configured=cron.is_configured,
        jitter_ms=cron.jitter_ms,
        start_at=cron.start_at,
        end_at=cron.end_at,
        added_at=cron.added_at,
    )
