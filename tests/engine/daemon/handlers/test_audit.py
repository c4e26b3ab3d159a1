"""Every act leaves one event: who did what, through what, why, and what it changed."""

import asyncio
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.views import Acted, ActProgress, ActsPage, ActView, ReceiptPage
from engine.daemon.handlers import ACTS, ANSWERS, STREAMS, SUBMISSIONS
from engine.errors import EngineError, InvalidSpec, NotAllowed, NotFound
from engine.ledger.ledger import SOME
from engine.model.events import Event, EventType
from engine.model.ids import Seq
from engine.store.protocol import Draft
from tests.kit.engine import Engine, FakeBackend, an_engine

TRUE: dict[str, Any] = {"argv": ["true"]}
HELD: dict[str, Any] = {"argv": ["true"], "hold": True}
ONE = ask.Targets(ids=(1,))

DONE: dict[type[Any], Any] = {
    ask.Cancel: ask.Cancel(targets=ONE, why="slow"),
    ask.Uncancel: ask.Uncancel(targets=ONE),
    ask.Hold: ask.Hold(targets=ONE),
    ask.Release: ask.Release(targets=ONE),
    ask.Pause: ask.Pause(targets=ONE),
    ask.Resume: ask.Resume(targets=ONE),
    ask.SetPriority: ask.SetPriority(targets=ONE, to="high"),
    ask.Retry: ask.Retry(targets=ONE),
    ask.Edit: ask.Edit(targets=ONE, changes={"name": "x"}),
    ask.SetQueue: ask.SetQueue(name="gpu", limit=3),
    ask.SetWorker: ask.SetWorker(name="local", drain=True),
    ask.ActOnWorker: ask.ActOnWorker(name="local", act="quarantine", why="hot"),
    ask.AddWorker: ask.AddWorker(name="far", table={"backend": "ssh", "address": "far"}),
    ask.AuthorizeKey: ask.AuthorizeKey(name="local", key="ssh-ed25519 AAAA"),
    ask.AddCron: ask.AddCron(name="nightly", spec="@daily", job=TRUE),
    ask.ClearCache: ask.ClearCache(results=True),
    ask.Reload: ask.Reload(),
    ask.Stop: ask.Stop(),
}
"""One of each act that can be done to a fresh engine with one job that is held."""

ELSEWHERE = {ask.Feed, ask.SetArray, ask.StopAct, ask.Acknowledge, ask.ActOnCron}
"""Acts that need more than that, and have tests of their own."""


async def acts(engine: Engine, **conditions: Any) -> tuple[ActView, ...]:
    page = await engine.ask(ask.ListActs(**conditions))
    assert isinstance(page, ActsPage)
    return page.acts


async def events(engine: Engine) -> list[Event]:
    return await engine.desk.store.events(Seq(0), 100_000)


def test_every_act_is_tried_here() -> None:
    assert set(DONE) | ELSEWHERE == set(ACTS) | {ask.Stop}


async def test_a_verb_that_acts_is_among_the_acts(tmp_path: Path) -> None:
    """A new verb that changes something and is in neither list fails here."""
    from tests.engine.daemon.handlers.test_acts import ACTS as REQUESTS

    async with an_engine(tmp_path) as engine:
        reader = replace(engine.caller, read_only=True)
        for kind in ANSWERS:
            if kind in ACTS or kind is ask.SayHello:
                continue
            tag = kind.__struct_config__.tag
            if tag in SUBMISSIONS | {
                "submit_chunk",
                "submit_commit",
                "put_blob",
                "apply",
                "stop",
            }:
                continue
            request = next((one for one in REQUESTS if type(one) is kind), None)
            assert request is None, f"{kind.__name__} acts and leaves no account"
            with pytest.raises((EngineError, TypeError)) if _needs(kind) else Tolerated():
                await ANSWERS[kind](engine.desk, reader, kind())


def _needs(kind: Any) -> bool:
    return any(field.required for field in _fields(kind))


def _fields(kind: Any) -> Any:
    import msgspec

    return msgspec.structs.fields(kind)


class Tolerated:
    """Whatever happens, so long as it is no refusal to act."""

    def __enter__(self) -> None:
        return None

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        return isinstance(error, EngineError) and not isinstance(error, NotAllowed)


@pytest.mark.parametrize("kind", DONE, ids=lambda kind: kind.__name__)
async def test_each_act_leaves_exactly_one_event(tmp_path: Path, kind: type[Any]) -> None:
    async with an_engine(tmp_path, others={"far": FakeBackend()}) as engine:
        await engine.submit(HELD)
        engine.caller = replace(engine.caller, client="cli")
        await engine.ask(DONE[kind])
        [act] = await acts(engine)
        told = [one for one in await events(engine) if one.type is EventType.OPERATOR_ACTED]
        assert len(told) == 1
        tag = kind.__struct_config__.tag
        assert (act.verb, act.by, act.client) == (tag, "ana", "cli")
        assert act.changed + act.unchanged + act.refused == act.total == 1


async def test_an_act_that_matches_nothing_was_on_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SetPriority(targets=ask.Targets(where="tag:x"), to="high"))
        [act] = await acts(engine)
        assert (act.total, act.changed, act.left) == (0, 0, 0)


async def test_an_array_a_job_that_reads_and_an_acknowledged_matter_leave_one_too(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.ask(ask.SubmitArray(job={**HELD, "name": "many"}, values=("1-3",)))
        await engine.ask(ask.SetArray(id=1, limit=2))
        [act] = await acts(engine)
        assert (act.verb, act.changed, act.asked["limit"]) == ("set_array", 1, 2)
        assert (act.first, act.last) == (act.seq - 1, act.seq - 1)
        [reader] = await engine.submit({**TRUE, "open_stdin": True})
        await engine.running(reader)
        await engine.ask(ask.Feed(id=reader, data=b"s3cret words"))
        [fed] = await acts(engine, act="feed")
        assert fed.asked == {"id": reader, "data": "12 bytes"}


async def test_an_act_whose_client_vanishes_is_still_told_of(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await _submit(engine, 3 * SOME)
        targets = ask.Targets(where="id>0", key="k")
        act = asyncio.ensure_future(engine.ask(ask.SetPriority(targets=targets, to="high")))
        while not (engine.desk.accounts.is_open("k") and engine.desk.accounts.find("k").number):
            await asyncio.sleep(0)
        act.cancel()
        await engine.until(EventType.OPERATOR_ACTED)
        [told] = await acts(engine)
        assert told.error == "broken off"
        assert 0 < told.changed < 3 * SOME
        assert told.left == told.total - told.changed - told.unchanged - told.refused


async def test_an_act_on_an_array_whose_client_vanishes_is_told_of_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        members = (f"1-{3 * SOME}",)
        await engine.ask(ask.SubmitArray(job={**HELD, "name": "many"}, values=members))
        act = asyncio.ensure_future(engine.ask(ask.Cancel(targets=ask.Targets(ids=(1,)))))
        while not any(e.type is EventType.JOB_CANCELED for e in await events(engine)):
            await asyncio.sleep(0)
        act.cancel()
        await engine.until(EventType.OPERATOR_ACTED)
        [told] = await acts(engine)
        assert (told.verb, told.error) == ("cancel", "broken off")


async def test_the_first_slice_of_an_act_whose_client_vanishes_is_told_of(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        await _submit(engine, 3 * SOME)
        targets = ask.Targets(where="id>0", key="k")
        act = asyncio.ensure_future(engine.ask(ask.SetPriority(targets=targets, to="high")))
        book = engine.desk.accounts
        while not (book.is_open("k") and book.find("k").is_midway):
            await asyncio.sleep(0)
        act.cancel()
        await engine.until(EventType.OPERATOR_ACTED)
        [told] = await acts(engine)
        assert told.error == "broken off"


async def test_one_change_and_its_event_are_one_commit(tmp_path: Path) -> None:
    """All events of a unit are neighbours; with an act's own being the last of them."""
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(TRUE | {"hold": True})
        units = engine.desk.ledger.writer.units
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(job,)), why="slow"))
        assert engine.desk.ledger.writer.units == units + 1
        [act] = await acts(engine)
        [canceled] = [e for e in await events(engine) if e.type is EventType.JOB_CANCELED]
        assert (act.first, act.last) == (canceled.seq, canceled.seq)
        assert (act.seq, act.why) == (canceled.seq + 1, "slow")
        assert act.asked == {"ids": [job]}


async def test_what_was_not_done_is_counted(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        first, second = await engine.submit(HELD, HELD)
        await engine.ask(ask.Cancel(targets=ask.Targets(ids=(second,))))
        await engine.ask(ask.Hold(targets=ask.Targets(ids=(first, second, 99))))
        act = (await acts(engine))[-1]
        assert (act.total, act.changed, act.unchanged, act.refused) == (3, 0, 1, 2)
        assert (act.first, act.last) == (0, 0)


async def test_an_act_that_is_refused_whole_changes_nothing_and_leaves_nothing(
    tmp_path: Path,
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.SetQueue(name="gpu", limit=-1))
        assert await acts(engine) == ()


async def test_the_trail_is_read_by_who_and_what_and_when(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(HELD)
        await engine.ask(ask.SetQueue(name="gpu", limit=1))
        engine.caller = replace(engine.caller, user="bob")
        await engine.ask(ask.SetPriority(targets=ONE, to="low"))
        await engine.ask(ask.SetQueue(name="gpu", limit=2))
        assert [act.verb for act in await acts(engine, actor="bob")] == [
            "priority",
            "set_queue",
        ]
        assert [act.by for act in await acts(engine, act="set_queue")] == ["ana", "bob"]
        newest = await acts(engine, limit=1)
        assert newest[0].asked["limit"] == 2
        [before] = await acts(engine, limit=1, before=newest[0].seq)
        assert before.verb == "priority"
        assert await acts(engine, since_at=newest[0].at + 1) == ()


async def test_secrets_and_what_is_sent_are_not_written_down(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(HELD)
        changes = {"metadata": {"api_token": "s3cret", "note": "n" * 1000}}
        await engine.ask(ask.Edit(targets=ONE, changes=changes))
        [act] = await acts(engine)
        assert "s3cret" not in str(act.asked)
        assert len(str(act.asked)) < 1_000


async def test_an_act_on_many_tells_how_far_it_is_and_keeps_its_receipt(tmp_path: Path) -> None:
    number = 2 * SOME + 7
    async with an_engine(tmp_path) as engine:
        await _submit(engine, number)
        targets = ask.Targets(where="state:queued,pending", key="k")
        hold = asyncio.ensure_future(engine.ask(ask.Hold(targets=targets)))
        seen: list[ActProgress] = []
        await asyncio.sleep(0)
        async for progress in STREAMS[ask.FollowAct](
            engine.desk, engine.caller, ask.FollowAct(key="k")
        ):
            seen.append(progress)
        acted = await hold
        assert isinstance(acted, Acted)
        assert (seen[-1].ended, seen[-1].total) == (True, number)
        [act] = await acts(engine)
        assert (act.total, act.left, act.has_receipt) == (number, 0, True)
        held = [e.seq for e in await events(engine) if e.type is EventType.JOB_HELD]
        assert act.first <= held[0]
        assert held[-1] <= act.last
        page = await engine.ask(ask.ReadReceipt(seq=act.seq, offset=SOME, limit=10))
        assert isinstance(page, ReceiptPage)
        assert (len(page.results), page.total) == (10, number)
        by_key = await engine.ask(ask.ReadReceipt(key="k", refused=True))
        assert isinstance(by_key, ReceiptPage)
        assert by_key.total == act.refused


async def test_an_act_that_is_stopped_leaves_the_rest_alone(tmp_path: Path) -> None:
    number = 4 * SOME
    async with an_engine(tmp_path) as engine:
        await _submit(engine, number)
        targets = ask.Targets(where="state:queued,pending", key="k")
        hold = asyncio.ensure_future(engine.ask(ask.SetPriority(targets=targets, to="high")))
        while not (engine.desk.accounts.is_open("k") and engine.desk.accounts.find("k").number):
            await asyncio.sleep(0)
        await engine.ask(ask.StopAct(key="k"))
        await hold
        act = next(one for one in await acts(engine) if one.verb == "priority")
        assert act.stopped
        assert 0 < act.changed < number
        assert act.left == number - act.changed - act.unchanged - act.refused
        with pytest.raises(NotAllowed, match="is over"):
            await engine.ask(ask.StopAct(key="k"))


async def test_what_came_or_changed_since_is_left_alone(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        same, changed = await engine.submit(HELD, HELD)
        seen = engine.desk.timeline.head
        await engine.ask(ask.SetPriority(targets=ask.Targets(ids=(changed,)), to="low"))
        await _submit(engine, 101, hold=True)
        acted = await engine.ask(ask.Cancel(targets=ask.Targets(where="id>0", seq=seen)))
        assert isinstance(acted, Acted)
        assert [one.id for one in acted.results if one.ok] == [same]
        assert all("changed since" in (r.error or "") for r in acted.results if not r.ok)
        assert len(acted.results) == 103


async def test_receipts_of_no_act_and_of_old_ones_are_not_found(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.desk.ledger.note(Draft(type=EventType.OPERATOR_ACTED))
        with pytest.raises(NotFound, match="not kept"):
            await engine.ask(ask.ReadReceipt(seq=1))
        with pytest.raises(NotFound, match="goes on"):
            await engine.ask(ask.ReadReceipt(key="k"))
        with pytest.raises(InvalidSpec):
            await engine.ask(ask.ReadReceipt())


async def _submit(engine: Engine, number: int, *, hold: bool = False) -> None:
    jobs = tuple({**TRUE, "hold": hold, "name": "many", "cpus": 4} for _ in range(number))
    await ANSWERS[ask.Submit](engine.desk, engine.caller, ask.Submit(jobs=jobs))


async def test_of_a_moment_there_are_no_later_acts(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await engine.submit(HELD)
        await engine.ask(ask.Release(targets=ONE))
        [first] = await acts(engine)
        await engine.ask(ask.Hold(targets=ONE))
        assert await acts(engine, as_of=first.seq) == (first,)
        assert await acts(engine, as_of=first.seq - 1) == ()
        assert await acts(engine, as_of=first.seq, before=first.seq) == ()
        assert len(await acts(engine)) == 2
