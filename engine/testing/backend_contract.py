"""What every backend promises, whatever it runs; a suite for pytest to inherit.

    class TestNice(CommandContract):          # or BackendContract, if it runs no commands
        @pytest.fixture
        def make_backend(self, tmp_path):
            return lambda: NiceBackend(tmp_path / "spool", level=10)

Each call of what `make_backend` gives makes a new backend on the same host, as daemons come
and go; none was greeted yet. Needs pytest and pytest-asyncio.
"""

import threading
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
import pytest_asyncio

from engine.backends.protocol import Backend, HostState, Report
from engine.errors import LinkRefused, StaleEpoch
from engine.model.ids import AttemptId, Epoch
from engine.testing.hands import EPOCH, Hands

MakeBackend = Callable[[], Backend]
MakeHands = Callable[[Epoch], Awaitable[Hands]]

_never = threading.Event()


def pause(seconds: float) -> None:
    """Let other processes get on."""
    _never.wait(seconds)


class BackendContract:
    """Starting, ending, adopting, fencing: what the engine relies on."""

    pytestmark = pytest.mark.asyncio

    def ends_with(self, code: int) -> tuple[str, ...]:
        """A command that ends at once with this code."""
        return ("/bin/sh", "-c", f"exit {code}")

    def lasts(self) -> tuple[str, ...]:
        """A command that goes on until it is ended."""
        return ("sleep", "600")

    def says(self, word: str) -> tuple[str, ...]:
        """A command that writes a line and ends."""
        return ("echo", word)

    @pytest_asyncio.fixture
    async def make_hands(self, make_backend: MakeBackend) -> AsyncIterator[MakeHands]:
        """Makes backends on one host, one after the other: as daemons come and go."""
        made: list[Backend] = []

        async def make(epoch: Epoch) -> Hands:
            backend = make_backend()
            made.append(backend)
            await backend.hello(epoch)
            return Hands(backend, epoch)

        yield make
        for backend in made:
            await backend.close()

    @pytest_asyncio.fixture
    async def hands(self, make_hands: MakeHands) -> Hands:
        """One of them, at work."""
        return await make_hands(EPOCH)

    async def test_it_says_what_its_host_is(self, make_backend: MakeBackend) -> None:
        backend = make_backend()
        facts = await backend.hello(EPOCH)
        assert facts.epoch == EPOCH
        assert facts.ident
        assert facts.capacity.cpu_milli > 0
        assert facts.runs
        await backend.close()

    async def test_what_goes_on_is_reported_as_running(self, hands: Hands) -> None:
        report = await hands.start(*self.lasts())
        assert report.state == HostState.RUNNING
        assert report.code is None
        assert await hands.backend.renew([report.attempt], hands.epoch) == [report.attempt]

    @pytest.mark.parametrize("code", [0, 1, 3, 255])
    async def test_it_tells_how_an_attempt_ended(self, hands: Hands, code: int) -> None:
        end = await hands.run(*self.ends_with(code))
        assert (end.state, end.code, end.signal) == (HostState.EXITED, code, None)

    async def test_each_of_many_orders_is_answered_in_order(self, hands: Hands) -> None:
        orders = [hands.order(*self.ends_with(n % 2)) for n in range(20)]
        begun = await hands.backend.start(orders)
        assert all(isinstance(report, Report) for report in begun)
        reports = [report for report in begun if isinstance(report, Report)]
        assert [report.attempt for report in reports] == [order.attempt for order in orders]
        ends = [await hands.end(report) for report in reports]
        assert [end.code for end in ends] == [n % 2 for n in range(20)]

    async def test_what_was_started_is_not_started_again(self, hands: Hands) -> None:
        order = hands.order(*self.lasts())
        [first] = await hands.backend.start([order])
        [second] = await hands.backend.start([order])
        assert isinstance(first, Report)
        assert isinstance(second, Report)
        assert (second.state, second.pid) == (HostState.RUNNING, first.pid)

    async def test_output_can_be_read_after_the_end(self, hands: Hands) -> None:
        end = await hands.run(*self.says("hello"))
        assert await hands.log(end) == b"hello\n"
        assert await hands.log(end, "err") == b""

    async def test_stop_ends_and_says_so(self, hands: Hands) -> None:
        report = await hands.start(*self.lasts())
        await hands.stop(report)
        end = await hands.end(report)
        assert (end.state, end.why) == (HostState.EXITED, "stop")
        assert await hands.backend.renew([report.attempt], hands.epoch) == []

    async def test_stop_after_the_end_changes_nothing(self, hands: Hands) -> None:
        end = await hands.run(*self.ends_with(0))
        assert (await hands.stop(end)).code == 0

    async def test_an_attempt_that_never_came_is_void_for_good(self, hands: Hands) -> None:
        order = hands.order(*self.ends_with(0))
        [void] = await hands.backend.adopt([order.attempt])
        assert void.state == HostState.VOID
        [late] = await hands.backend.start([order])
        assert isinstance(late, Report)
        assert late.state == HostState.VOID

    async def test_the_next_daemon_hears_what_became_of_it(self, make_hands: MakeHands) -> None:
        before = await make_hands(Epoch(7))
        living = await before.start(*self.lasts())
        ended = await before.run(*self.ends_with(3))
        after = await make_hands(Epoch(8))
        adopted = await after.backend.adopt([living.attempt, ended.attempt])
        assert [report.attempt for report in adopted] == [living.attempt, ended.attempt]
        assert adopted[1].code == 3 or adopted[1].state == HostState.LOST
        if adopted[0].state == HostState.RUNNING:
            await after.stop(adopted[0])
            assert (await after.end(adopted[0])).why == "stop"
        else:
            assert adopted[0].state in (HostState.LOST, HostState.VOID)

    async def test_a_daemon_that_is_too_old_can_do_nothing(self, make_hands: MakeHands) -> None:
        old = await make_hands(Epoch(7))
        running = await old.start(*self.lasts())
        await make_hands(Epoch(8))
        with pytest.raises((StaleEpoch, LinkRefused)):
            await old.start(*self.ends_with(0))
        with pytest.raises((StaleEpoch, LinkRefused)):
            await old.stop(running)
        with pytest.raises((StaleEpoch, LinkRefused)):
            await old.backend.hello(Epoch(7))

    async def test_what_is_forgotten_does_not_come_back(self, hands: Hands) -> None:
        order = hands.order(*self.ends_with(0))
        [begun] = await hands.backend.start([order])
        assert isinstance(begun, Report)
        await hands.end(begun)
        await hands.backend.forget(order.attempt, hands.epoch)
        [late] = await hands.backend.start([order])
        assert isinstance(late, Report)
        assert late.state == HostState.GONE

    async def test_tidying_keeps_logs_and_spares_the_living(self, hands: Hands) -> None:
        loud = await hands.run(*self.says("hello"))
        living = await hands.start(*self.lasts())
        await hands.backend.tidy([loud.attempt, living.attempt])
        assert await hands.log(loud) == b"hello\n"
        proven = await hands.backend.renew([loud.attempt, living.attempt], hands.epoch)
        assert proven == [living.attempt]

    async def test_what_was_never_there_is_not_alive(self, hands: Hands) -> None:
        assert await hands.backend.renew([AttemptId("9-9-9")], hands.epoch) == []

    async def test_a_look_and_what_attempts_use(self, hands: Hands) -> None:
        report = await hands.start(*self.lasts())
        assert (await hands.backend.look()).at > 0
        assert set(await hands.backend.usage([report.attempt])) <= {report.attempt}
