"""`crabtui stats`: the daemon's counters."""

import click

from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.printing.output import plain, say, say_json, say_lines
from crabtui.cli.printing.tables import fields, table
from crabtui.cli.reaching.entry import enter
from crabtui.data.wording import age, plural
from engine.control.messages import GetStats
from engine.control.views import EngineStats, Stats, WorkerView
from engine.model.states import State


@click.command(cls=Verb)
@at_option
@click.option("--prometheus", is_flag=True, help="In Prometheus' text format.")
def stats(at: str | None, prometheus: bool) -> int:
    """Print the daemon's counters: exact, and cheap to ask for.

    With --at only jobs and workers, as they were; the daemon's own, in JSON and for
    Prometheus, are always those of now.
    """
    with enter(start=False) as client:
        as_of = moment_of(client, at).seq
        found = client.call(GetStats(as_of=as_of))
    if prometheus:
        from crabtui.data.admin.prometheus import exposition

        for line in exposition(found).splitlines():
            say(line)
    elif setting().as_json:
        told = plain(found)
        say_json({"schema": told.pop("schema"), **told})
    else:
        if as_of is None:
            _say_daemon(found)
        _say_counts(found)
    return 0


def _say_daemon(found: Stats) -> None:
    daemon, engine = found.daemon, found.engine
    say_lines(
        fields(
            [
                ("daemon", f"pid {daemon.pid}, version {daemon.version}, epoch {daemon.epoch}"),
                ("state", daemon.state_dir),
                ("up", age(daemon.started_at, found.now_at)),
                ("trouble", daemon.trouble or ("" if daemon.granting else "not granting")),
                ("rounds", _timed(engine.rounds, engine.round_ms_p50, engine.round_ms_p95)),
                ("commits", _commits(engine)),
                ("memory", f"{engine.rss_bytes / 2**20:.0f} MB, WAL {_mb(engine.wal_bytes)}"),
                ("resident", _resident(engine)),
                ("waiting", plural(engine.waiting_units, "change") + " to be written"),
                ("checkpoint", _ago(engine.checkpoint_at, found.now_at)),
                ("files", f"{engine.descriptors:,} open, {engine.descriptors_most:,} allowed"),
                ("clients", str(engine.clients)),
                ("event", f"#{engine.seq:,}"),
            ]
        )
    )
    say()


def _say_counts(found: Stats) -> None:
    say_lines(_jobs(found))
    say()
    say_lines(table(_WORKER, [_worker(each) for each in found.workers], right=_RIGHT))


def _timed(count: int, p50: float, p95: float) -> str:
    return f"{count:,}, p50 {p50:.1f} ms, p95 {p95:.1f} ms"


def _resident(engine: EngineStats) -> str:
    return f"{plural(engine.resident_jobs, 'job')} in {plural(engine.lanes, 'lane')}"


def _commits(engine: EngineStats) -> str:
    timed = _timed(engine.commits, engine.commit_ms_p50, engine.commit_ms_p95)
    return f"{timed}, {engine.units:,} changes"


def _ago(at: int | None, now_at: int) -> str:
    return "not since the start" if at is None else f"{age(at, now_at)} ago"


def _mb(count: int) -> str:
    return f"{count / 2**20:.1f} MB"


def _jobs(found: Stats) -> list[str]:
    states = [state for state in State if found.jobs.by_state.get(state)]
    rows = [
        [queue, *(f"{counts.get(state, 0):,}" for state in states)]
        for queue, counts in sorted(found.jobs.by_queue.items())
    ]
    total = [f"{found.jobs.by_state.get(state, 0):,}" for state in states]
    headings = ["QUEUE", *(state.upper() for state in states)]
    return table(headings, [*rows, ["all", *total]], right=frozenset(headings[1:]))


_WORKER = ("WORKER", "BACKEND", "HEALTH", "SLOTS", "TAKEN", "WARNINGS")
_RIGHT = frozenset({"SLOTS"})


def _worker(each: WorkerView) -> tuple[str, ...]:
    taken = ", ".join(
        f"{name} {each.taken.get(name, 0)}/{most}" for name, most in each.capacity.items()
    )
    health = f"{each.health}, draining" if each.draining else each.health
    slots = f"{each.slots_taken}/{each.slots}"
    return (each.name, each.backend, health, slots, taken, "; ".join(each.warnings))
