"""Workers that come and go while the engine runs, by command and by configuration."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from pathlib import Path
from typing import Any

import pytest

from engine.backends.protocol import HostFacts, Order, Report
from engine.clock import ManualClock
from engine.config import Config, check
from engine.control import messages as ask
from engine.control.views import WorkerView
from engine.daemon.fleet.host_answers import WAIT_S
from engine.errors import InvalidSpec, LinkRefused, NotAllowed, NotFound, Unreachable
from engine.loops import dispatch
from engine.loops.link import Outcome
from engine.model.events import EventType
from engine.model.ids import Epoch
from engine.model.sight import Device, Sight
from engine.model.states import State
from tests.engine.loops.test_dispatch import turns, when
from tests.kit.engine import Engine, FakeBackend, an_engine

FAR: dict[str, Any] = {"argv": ["true"], "worker": "far"}
HERE: dict[str, Any] = {"argv": ["true"]}
TABLE: dict[str, Any] = {"backend": "ssh", "address": "ann@far:2222", "labels": ["fast"]}
IN_FILE = '[workers.far]\nbackend = "ssh"\naddress = "ann@far"\nslots = 2\n'


def configured(folder: Path, text: str) -> Config:
    file = folder / "new.toml"
    file.write_text(text)
    return check(folder, file)


async def views(engine: Engine) -> dict[str, WorkerView]:
    answer: Any = await engine.ask(ask.ListWorkers())
    return {worker.name: worker for worker in answer.workers}


async def add(engine: Engine, **table: Any) -> Any:
    return await engine.ask(ask.AddWorker(name="far", table={**TABLE, **table}))


async def reload(engine: Engine, folder: Path, text: str) -> Any:
    """Reload, as if the file had this text."""
    engine.desk.configured._load = lambda: configured(folder, text)
    return await engine.ask(ask.Reload())


async def _refusal(asking: Awaitable[Any]) -> str:
    try:
        await asking
    except NotAllowed as refusal:
        return refusal.message
    return "done"


def on(engine: Engine, name: str) -> Callable[[], Any]:
    """Its health; None if it is not there."""
    workers = engine.desk.working_set.workers
    return lambda: workers[name].health.value if name in workers else None


async def test_a_worker_is_added_used_and_removed(tmp_path: Path) -> None:
    far = FakeBackend(cpus=3)
    async with an_engine(tmp_path, others={"far": far}) as engine:
        answer = await add(engine, slots=5)
        now = answer.results[0].now
        assert now.startswith("takes work: 5 slots, 3 cpu; its host is worker local too")
        view = (await views(engine))["far"]
        assert (view.health, view.origin, view.labels) == ("healthy", "command", ("fast",))
        assert view.address == "ann@far:2222"
        assert view.link is not None
        assert view.link.state == "connected"
        [job] = await engine.submit(FAR)
        attempt = await engine.running(job)
        act = ask.ActOnWorker(name="far", act="remove")
        with pytest.raises(NotAllowed, match=f"#{job}.*declare-dead"):
            await engine.ask(act)
        far.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
        await when(lambda: not engine.desk.fleet.lives_on("far"))
        await engine.ask(act)
        assert "far" not in await views(engine)
        assert far.is_closed
        assert [one.name for one in await engine.desk.store.workers()] == ["local"]
        with pytest.raises(NotFound, match="local"):
            await engine.ask(act)


async def test_who_is_the_same_host_is_said(tmp_path: Path) -> None:
    far = FakeBackend()
    far.ident = "other/boot/1"
    twin = FakeBackend()
    twin.ident = far.ident
    async with an_engine(tmp_path, others={"far": far, "twin": twin}) as engine:
        await add(engine)
        assert (await views(engine))["far"].warnings == ()
        table = {**TABLE, "address": "ann@twin"}
        await engine.ask(ask.AddWorker(name="twin", table=table))
        [said] = (await views(engine))["twin"].warnings
        assert said == "its host is worker far too: what it has is counted twice"
        [said] = (await views(engine))["far"].warnings
        assert said == "its host is worker twin too: what it has is counted twice"
        checked: Any = await engine.ask(ask.Check())
        assert checked.problems == ()
        assert checked.warnings == (
            "workers far and twin are one host: what it has is counted twice",
        )
        await engine.ask(ask.ActOnWorker(name="twin", act="remove"))
        assert (await views(engine))["far"].warnings == ()


async def test_many_workers_of_one_host_are_told_in_one_sentence(tmp_path: Path) -> None:
    others = {name: FakeBackend() for name in ("a", "b", "c")}
    async with an_engine(tmp_path, others=others) as engine:
        for name in "abc":
            table = {**TABLE, "address": f"ann@{name}"}
            await engine.ask(ask.AddWorker(name=name, table=table))
        [said] = (await views(engine))["b"].warnings
        assert said == (
            "its host is workers a, c and local too: what it has is counted 4 times"
        )
        checked: Any = await engine.ask(ask.Check())
        [text] = checked.warnings
        assert text.startswith("workers a, b, c and local are one host: ")


async def test_a_new_worker_has_its_devices_when_the_answer_comes(tmp_path: Path) -> None:
    far, twin = FakeBackend(), FakeBackend()
    far.ident = twin.ident = "other/boot/1"
    far.sight = twin.sight = Sight(at=1, devices=(Device(index=0, kind="T4"),))
    async with an_engine(tmp_path, others={"far": far, "twin": twin}) as engine:
        assert (await add(engine, slots=5)).results[
            0
        ].now == "takes work: 5 slots, 4 cpu, 1 gpu"
        await engine.submit({**FAR, "resources": {"gpu": 1}})
        table = {**TABLE, "spool": "/other"}
        answer: Any = await engine.ask(ask.AddWorker(name="twin", table=table))
        assert "its devices are lent by worker far" in answer.results[0].now


async def test_one_account_and_spool_is_one_worker(tmp_path: Path) -> None:
    far, twin = FakeBackend(), FakeBackend()
    async with an_engine(tmp_path, others={"far": far, "twin": twin}) as engine:
        await add(engine)
        with pytest.raises(NotAllowed, match=r"that is worker 'far'.*--spool"):
            await engine.ask(ask.AddWorker(name="twin", table={**TABLE, "slots": 1}))
        table = {**TABLE, "spool": "/other"}
        await engine.ask(ask.AddWorker(name="twin", table=table))
        assert set(await views(engine)) == {"far", "local", "twin"}


async def test_a_refused_addition_says_how_to_add_and_who_was_meant(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        accept = "crabtui workers reconnect far --trust SHA256:k"
        far.refuse_link = LinkRefused(f"the key of far:2222 is not known: {accept}")
        with pytest.raises(LinkRefused) as refused:
            await add(engine, slots=3)
        again = "crabtui workers add far ann@far:2222 --label fast --slots 3 --trust SHA256:k"
        assert refused.value.message == f"far: the key of far:2222 is not known: {again}"
        far.refuse_link = None
        far.cut("its command has ended")
        with pytest.raises(Unreachable) as silent:
            await add(engine)
        assert silent.value.message == "far (ann@far:2222): its command has ended"


async def test_who_asks_for_a_look_hears_what_came_of_it(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await add(engine)
        answer: Any = await engine.ask(ask.ActOnWorker(name="far", act="probe"))
        [told] = answer.results
        assert told.now == "healthy, connected"
        far.refuse_link = LinkRefused("another key")
        reconnect = ask.ActOnWorker(name="far", act="reconnect")
        with pytest.raises(LinkRefused, match=r"far.*another key"):
            await engine.ask(reconnect)
        with pytest.raises(LinkRefused, match=r"far.*another key"):
            await engine.ask(ask.ActOnWorker(name="far", act="probe"))
        far.refuse_link = None
        answer = await engine.ask(reconnect)
        [told] = answer.results
        assert (told.was, told.now) == ("refused", "connected")


async def test_a_key_that_is_trusted_is_tried_by_all_of_that_address(tmp_path: Path) -> None:
    far, twin = FakeBackend(), FakeBackend()
    async with an_engine(tmp_path, others={"far": far, "twin": twin}) as engine:
        await add(engine)
        table = {**TABLE, "spool": "/other"}
        await engine.ask(ask.AddWorker(name="twin", table=table))
        for backend, name in ((far, "far"), (twin, "twin")):
            backend.refuse_link = LinkRefused("another key")
            with pytest.raises(LinkRefused):
                await engine.ask(ask.ActOnWorker(name=name, act="reconnect"))
            backend.refuse_link = None
        act = ask.ActOnWorker(name="far", act="reconnect", trust="SHA256:" + "k" * 43)
        await engine.ask(act)
        await when(lambda: engine.desk.working_set.links["twin"].state.value == "connected")


async def test_who_was_never_reached_is_not_called_silent(tmp_path: Path) -> None:
    far = FakeBackend()
    far.refuse_link = LinkRefused("another key")
    config = configured(tmp_path, IN_FILE)
    async with an_engine(tmp_path, others={"far": far}, config=config) as engine:
        await when(lambda: engine.desk.working_set.links["far"].state.value == "refused")
        view = (await views(engine))["far"]
        assert (view.seen_at, view.stale, view.health) == (None, False, "down")


async def test_what_was_measured_before_is_not_told_as_present(tmp_path: Path) -> None:
    far = FakeBackend()
    far.sight = Sight(at=7, load=0.5, drift_ms=9, round_trip_ms=2.0)
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await add(engine)
        view = (await views(engine))["far"]
        assert (view.sight, view.last_sight, view.drift_ms) == (far.sight, None, 9)
        far.cut("no power")
        await when(lambda: on(engine, "far")() == "down")
        view = (await views(engine))["far"]
        assert (view.sight, view.last_sight, view.drift_ms) == (None, far.sight, None)
        assert view.link is not None
        assert view.link.round_trip_ms is None


async def test_it_is_there_after_a_restart_and_takes_its_attempts_back(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await add(engine)
        [job] = await engine.submit(FAR)
        attempt = await engine.running(job)
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await when(lambda: on(engine, "far")() == "healthy")
        assert (await views(engine))["far"].labels == ("fast",)
        far.end(attempt, 0)
        job_now = await engine.until_state(job, State.SUCCEEDED)
        assert job_now.now.attempts == 1


async def test_a_dead_host_holds_up_neither_the_start_nor_others(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await add(engine)
        [job] = await engine.submit(FAR)
        attempt = await engine.running(job)
    far.cut("no power")
    async with an_engine(tmp_path, others={"far": far}) as engine:
        assert engine.desk.working_set.workers["far"].health.value == "down"
        [here, there] = await engine.submit({"argv": ["true"], "worker": "local"}, FAR)
        await engine.running(here)
        await when(lambda: engine.desk.working_set.links["far"].tries > 0)
        assert (await engine.job(there)).now.state is State.QUEUED
        assert (await engine.job(job)).now.state is State.RUNNING
        far.mend()
        await engine.ask(ask.ActOnWorker(name="far", act="reconnect"))
        await engine.running(there)
        assert (await engine.job(job)).now.attempt == attempt


async def test_what_cannot_be_reached_is_not_added(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        far.cut("no route")
        with pytest.raises(Unreachable, match="no route"):
            await add(engine)
        far.mend()
        far.refuse_link = LinkRefused("unknown key", details={"fingerprint": "SHA256:k"})
        with pytest.raises(LinkRefused) as caught:
            await add(engine)
        assert caught.value.details == {"fingerprint": "SHA256:k"}
        assert set(await views(engine)) == {"local"}
        await engine.ask(ask.AddWorker(name="far", table=TABLE, trust="SHA256:k"))
        assert far.trusted == ["SHA256:k"]
        assert set(await views(engine)) == {"local", "far"}


@pytest.mark.parametrize(
    ("name", "table", "says"),
    [
        ("far", {**TABLE, "slotz": 3}, "slots"),
        ("far", {**TABLE, "slots": -1}, r"workers\.far\.slots"),
        ("far", {"backend": "ssh"}, "address"),
        ("far", {}, "configuration"),
        ("a b", TABLE, "the first a letter"),
        ("local", TABLE, "this machine"),
    ],
)
async def test_a_wrong_table_is_refused_by_its_key(
    tmp_path: Path, name: str, table: dict[str, Any], says: str
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec, match=says):
            await engine.ask(ask.AddWorker(name=name, table=table))
        assert set(await views(engine)) == {"local"}


async def test_names_are_taken_once_and_those_of_the_file_are_the_files(tmp_path: Path) -> None:
    config = configured(tmp_path, IN_FILE)
    async with an_engine(tmp_path, config=config) as engine:
        await when(lambda: on(engine, "far")() == "healthy")
        with pytest.raises(NotAllowed, match=r"new\.toml:3"):
            await add(engine)
        with pytest.raises(NotAllowed, match="crabtui reload"):
            await engine.ask(ask.ActOnWorker(name="far", act="remove"))
        await engine.ask(ask.AddWorker(name="more", table=TABLE))
        with pytest.raises(NotAllowed, match="already"):
            await engine.ask(ask.AddWorker(name="more", table=TABLE))


async def test_reload_brings_changes_and_takes_workers_elsewhere(tmp_path: Path) -> None:
    far = FakeBackend()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        done = await reload(engine, tmp_path, IN_FILE)
        assert 'workers.far.address: (not there) -> "ann@far"' in done.changed
        assert done.needs_restart == ()
        await when(lambda: on(engine, "far")() == "healthy")
        assert (await views(engine))["far"].slots == 2
        hellos = far.contacts.count("hello")
        await reload(engine, tmp_path, IN_FILE.replace("slots = 2", "slots = 7"))
        assert (await views(engine))["far"].slots == 7
        assert far.contacts.count("hello") == hellos
        await reload(engine, tmp_path, "")
        assert set(await views(engine)) == {"local"}
        assert far.is_closed


async def test_who_leaves_the_file_ends_what_it_runs_first(tmp_path: Path) -> None:
    far = FakeBackend()
    config = configured(tmp_path, IN_FILE)
    async with an_engine(tmp_path, others={"far": far}, config=config) as engine:
        [job] = await engine.submit(FAR)
        attempt = await engine.running(job)
        await reload(engine, tmp_path, "")
        view = (await views(engine))["far"]
        assert (view.origin, view.draining) == ("gone", True)
        assert "worker far left the configuration" in view.warnings
        with pytest.raises(NotAllowed, match="left the configuration"):
            await engine.ask(ask.SetWorker(name="far", drain=False))
        far.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
        await when(lambda: "far" not in engine.desk.working_set.workers)


async def test_another_address_waits_for_what_runs_at_the_old_one(tmp_path: Path) -> None:
    far = FakeBackend()
    config = configured(tmp_path, IN_FILE)
    moved = IN_FILE.replace("ann@far", "ann@new")
    async with an_engine(tmp_path, others={"far": far}, config=config) as engine:
        [job] = await engine.submit(FAR)
        attempt = await engine.running(job)
        await reload(engine, tmp_path, moved)
        assert (await views(engine))["far"].address == "ann@far"
    config = configured(tmp_path, moved)
    async with an_engine(tmp_path, others={"far": far}, config=config) as engine:
        await when(lambda: on(engine, "far")() == "healthy")
        assert (await views(engine))["far"].address == "ann@far"
        far.end(attempt, 0)
        await engine.until_state(job, State.SUCCEEDED)
        workers = engine.desk.working_set.workers
        await when(lambda: workers["far"].address == "ann@new" if "far" in workers else False)
        [again] = await engine.submit(FAR)
        await engine.running(again)


async def test_quarantine_and_release(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        act = ask.ActOnWorker(name="local", act="quarantine")
        with pytest.raises(InvalidSpec, match="say why"):
            await engine.ask(act)
        await engine.ask(ask.ActOnWorker(name="local", act="quarantine", why="bad memory"))
        [job] = await engine.submit({"argv": ["true"]})
        await turns(50)
        assert (await engine.job(job)).now.state is State.QUEUED
        assert (await views(engine))["local"].quarantined == "bad memory"
        await engine.ask(ask.ActOnWorker(name="local", act="release"))
        await engine.running(job)
        with pytest.raises(InvalidSpec, match="quarantine"):
            await engine.ask(ask.ActOnWorker(name="local", act="quarantin"))


async def test_a_key_is_authorized_by_its_host(tmp_path: Path) -> None:
    async with an_engine(tmp_path, others={"far": FakeBackend()}) as engine:
        await add(engine)
        answer: Any = await engine.ask(
            ask.AuthorizeKey(name="far", key="ssh-ed25519 A", verbs="ping")
        )
        assert answer.results[0].now.endswith("restrict ssh-ed25519 A")


async def test_removal_is_told(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        await add(engine)
        await engine.ask(ask.ActOnWorker(name="far", act="remove", why="sold"))
        event = await engine.until(EventType.WORKER_REMOVED)
        assert (event.worker, event.actor, event.cause) == ("far", "ana", "sold")


class Lingering(FakeBackend):
    """Takes its time to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.goes = asyncio.Event()

    async def close(self) -> None:
        await self.goes.wait()


async def leave(asking: Coroutine[Any, Any, Any], once: Callable[[], bool]) -> None:
    """Ask, and leave as soon as that has come so far."""
    asked = asyncio.ensure_future(asking)
    await when(once)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked


async def test_who_asks_may_leave_at_any_time(tmp_path: Path) -> None:
    far = Lingering()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        fleet, act = engine.desk.fleet, ask.ActOnWorker(name="far", act="remove")
        await leave(add(engine), lambda: "far" in fleet)
        await when(lambda: on(engine, "far")() == "healthy")
        [job] = await engine.submit(FAR)
        far.end(await engine.running(job))
        await engine.until_state(job, State.SUCCEEDED)
        await leave(engine.ask(act), lambda: "far" not in fleet)
        far.goes.set()
        await when(lambda: "far" not in engine.desk.working_set.workers)


async def test_who_reloads_may_leave_too(tmp_path: Path) -> None:
    far = Lingering()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await reload(engine, tmp_path, IN_FILE)
        await when(lambda: on(engine, "far")() == "healthy")
        other = reload(engine, tmp_path, IN_FILE + 'identity = "/tmp/k"\n')
        await leave(other, lambda: "far" not in engine.desk.fleet)
        far.goes.set()
        await when(lambda: "far" in engine.desk.fleet)
        [job] = await engine.submit(FAR)
        await engine.running(job)


class Hesitant(FakeBackend):
    """Answers no start, and takes its time to be let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.answers = asyncio.Event()
        self.goes = asyncio.Event()

    async def start(self, orders: Sequence[Order]) -> list[Report | Exception]:
        self.asked.set()
        await self.answers.wait()
        raise Unreachable("not now")

    async def close(self) -> None:
        self.answers.set()
        await self.goes.wait()


async def test_a_worker_that_leaves_amid_a_start_breaks_nothing(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dispatch, "AGAIN_S", 0.0)
    far = Hesitant()
    async with an_engine(tmp_path, others={"far": far}) as engine:
        await reload(engine, tmp_path, IN_FILE)
        await when(lambda: on(engine, "far")() == "healthy")
        await engine.submit(FAR)
        await far.asked.wait()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(reload(engine, tmp_path, IN_FILE + 'identity = "/tmp/k"\n'))
            await far.answers.wait()
            assert "far" not in engine.desk.fleet
            for job in await engine.submit(*[HERE] * 4):
                engine.host.end(await engine.running(job))
                await engine.until_state(job, State.SUCCEEDED)
            far.goes.set()
    assert not [one for one in caplog.messages if "broke" in one]


async def test_a_host_that_is_slow_to_answer_holds_up_no_other_worker(tmp_path: Path) -> None:
    class Slow(FakeBackend):
        answers = asyncio.Event()

        async def hello(self, epoch: Epoch) -> HostFacts:
            await self.answers.wait()
            return await super().hello(epoch)

    slow = Slow()
    async with (
        an_engine(tmp_path, others={"far": slow}) as engine,
        asyncio.TaskGroup() as tasks,
    ):
        adding = tasks.create_task(_refusal(add(engine)))
        await turns()
        await engine.ask(ask.AddWorker(name="near", table=TABLE))
        await reload(engine, tmp_path, IN_FILE)
        assert on(engine, "near")() == "healthy"
        await engine.ask(ask.ActOnWorker(name="near", act="remove"))
        slow.answers.set()
        assert "stands in the configuration" in await adding


async def test_only_one_of_two_that_want_a_name_gets_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        answers = await asyncio.gather(add(engine), add(engine), return_exceptions=True)
        assert sum(isinstance(answer, NotAllowed) for answer in answers) == 1
        assert (await views(engine))["far"].health == "healthy"


async def test_this_machine_always_is_a_worker(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(NotAllowed, match="crabtui workers drain local"):
            await engine.ask(ask.ActOnWorker(name="local", act="remove"))


async def test_a_look_that_comes_to_nothing_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    far, clock = FakeBackend(), ManualClock()
    async with an_engine(tmp_path, clock=clock, others={"far": far}) as engine:
        await add(engine)
        never: Outcome = asyncio.get_running_loop().create_future()
        linking = engine.desk.fleet.members["far"].linking
        monkeypatch.setattr(linking, "look_now", lambda: never)
        async with asyncio.TaskGroup() as tasks:
            act = ask.ActOnWorker(name="far", act="probe")
            asking = tasks.create_task(_silence(engine.ask(act)))
            await turns(20)
            clock.advance(WAIT_S + 1)
        assert "nothing came of it within 40 s" in asking.result()


async def _silence(asking: Awaitable[Any]) -> str:
    try:
        await asking
    except Unreachable as silence:
        return silence.message
    return "done"
