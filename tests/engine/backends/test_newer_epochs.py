"""What a host elsewhere says of a newer daemon costs us that worker, and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from engine.backends.detached import DetachedBackend
from engine.backends.hosting import Abode
from engine.backends.making import Driver, Making
from engine.backends.protocol import HostState
from engine.backends.stream_shell import StreamShell
from engine.clock import SystemClock
from engine.config import Settings, WorkerRules
from engine.control import messages as ask
from engine.errors import EngineError, LinkRefused, StaleEpoch
from engine.model.ids import Epoch
from engine.model.link import LinkState
from engine.model.states import State
from engine.runner.faults import StaleError
from engine.runner.spool import Spool
from tests.engine.backends.hands import EPOCH, Hands
from tests.engine.daemon.fleet.test_fleet import FAR, TABLE
from tests.engine.loops.test_dispatch import when
from tests.kit import engine as kit
from tests.kit.engine import an_engine
from tests.kit.pipes import PipeLine
from tests.kit.processes import end_all

NEWER = Epoch(EPOCH + 1)
MakeBackend = Callable[[], DetachedBackend]


@pytest.fixture
async def make(tmp_path: Path) -> AsyncIterator[MakeBackend]:
    made: list[DetachedBackend] = []
    clock, abode = SystemClock(), Abode(root=str(tmp_path / "spool"))

    def another() -> DetachedBackend:
        shell = StreamShell(PipeLine(), clock, abode)
        made.append(DetachedBackend(shell, clock, elsewhere=True))
        return made[-1]

    yield another
    for backend in made:
        await backend.close()
    end_all(tmp_path)


async def test_the_link_of_an_older_daemon_is_refused(make: MakeBackend) -> None:
    old, new = make(), make()
    await old.hello(EPOCH)
    report = await Hands(old).start("sleep", "60")
    async with asyncio.TaskGroup() as tasks:
        lost = tasks.create_task(old.lost())
        await new.hello(NEWER)
        [refusal] = await old.start([Hands(old).order("true", attempt="9-1-7")])
        assert isinstance(refusal, LinkRefused)
        assert refusal.details == {"newest": NEWER}
        async with asyncio.timeout(60):
            assert await lost == "a newer daemon has been there"
    with pytest.raises(LinkRefused, match=f"epoch {NEWER} has been there"):
        await old.hello(EPOCH)
    with pytest.raises(LinkRefused):
        await old.renew([report.attempt], EPOCH)
    [adopted] = await new.adopt([report.attempt])
    assert adopted.state is HostState.RUNNING
    await old.hello(NEWER)
    assert await old.renew([report.attempt], NEWER) == [report.attempt]


async def test_the_daemon_works_on_elsewhere(
    make: MakeBackend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usual = kit._driver

    def driver(hosts: dict[str, kit.FakeBackend], name: str, rules: WorkerRules) -> Driver:
        there = usual(hosts, name, rules)
        return Driver(make(), there.trust, there.authorize) if name == "far" else there

    monkeypatch.setattr(kit, "_driver", driver)
    async with asyncio.timeout(60), an_engine(tmp_path) as engine:
        await engine.ask(ask.AddWorker(name="far", table=TABLE))
        Spool(tmp_path / "spool").fence(9_999_999_999)
        [there] = await engine.submit(FAR)
        links = engine.desk.working_set.links
        await when(lambda: links["far"].state is LinkState.REFUSED)
        assert "a daemon of epoch 9999999999 has been there" in str(links["far"].error)
        [here] = await engine.submit({"argv": ["true"], "worker": "local"})
        engine.host.end(await engine.running(here), 0)
        await engine.until_state(here, State.SUCCEEDED)
        assert (await engine.job(there)).now.attempts == 0


@pytest.mark.parametrize(
    ("rules", "error"),
    [
        (WorkerRules(backend="ssh", address="far"), LinkRefused),
        (WorkerRules(), StaleEpoch),
    ],
)
async def test_only_of_a_host_elsewhere_it_is_a_claim(
    rules: WorkerRules, error: type[EngineError], tmp_path: Path
) -> None:
    making = Making(Settings(state_dir=tmp_path), SystemClock(), "main")
    backend = making.make("w", rules).backend
    assert isinstance(backend, DetachedBackend)
    assert type(backend._translated(StaleError(1, 2))) is error
    await backend.close()


@pytest.mark.parametrize("python", ["auto", "no"])
async def test_of_two_daemons_with_one_epoch_the_second_is_refused(
    tmp_path: Path, python: str
) -> None:
    """A state that was copied, say: both would have the same attempts."""
    clock = SystemClock()

    def daemon(mark: str) -> DetachedBackend:
        abode = Abode(root=str(tmp_path / "spool"), python=python, mark=mark)
        return DetachedBackend(StreamShell(PipeLine(), clock, abode), clock, elsewhere=True)

    first, copy, next_ = daemon("aa"), daemon("bb"), daemon("cc")
    try:
        await first.hello(EPOCH)
        for _ in range(2):
            with pytest.raises(LinkRefused, match="epoch 7 is there, which is ours too"):
                await copy.hello(EPOCH)
        await first.hello(EPOCH)
        assert (await Hands(first).run("true")).code == 0
        await next_.hello(NEWER)
        assert [path.name for path in (tmp_path / "spool" / "fence").iterdir()] == [
            "0000000008"
        ]
    finally:
        for backend in (first, copy, next_):
            await backend.close()
        end_all(tmp_path)
