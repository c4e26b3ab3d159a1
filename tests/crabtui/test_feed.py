"""The feed: what it tells, what it does not, and how it comes back."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from crabtui.feed import FIRST_WAIT_S, Feed
from crabtui.link import Stage
from crabtui.messages import Came, LinkChanged, PulseCame
from crabtui.topics.jobs import JOBS, STORY, JobsAim
from engine.clock import ManualClock
from engine.control.messages import Cancel, ListJobs, Targets
from engine.errors import NoDaemon, VersionMismatch
from tests.kit.fake_world import World


class Listener:
    """Runs a feed and keeps what it told."""

    def __init__(self):
        self.world = World(ManualClock())
        self.told = []
        self.feed = Feed(self.world.connect, self.told.append, self.world.clock)

    def of(self, kind):
        return [message for message in self.told if isinstance(message, kind)]

    def came(self, topic):
        return [message for message in self.of(Came) if message.topic is topic]

    async def until(self, seen, *, step_s=0.1):
        """Let time pass in steps until the condition holds."""
        for _ in range(300):
            for _ in range(20):
                await asyncio.sleep(0)
            if seen():
                return
            self.world.clock.advance(step_s)
        raise AssertionError(f"never; told {self.told}")

    async def live(self):
        await self.until(lambda: self.feed.link.stage is Stage.LIVE and self.of(PulseCame))


@asynccontextmanager
async def listening():
    here = Listener()
    async with asyncio.TaskGroup() as group:
        task = group.create_task(here.feed.run())
        yield here
        task.cancel()


async def test_it_connects_and_tells_of_the_first_pulse():
    async with listening() as here:
        await here.live()
        assert here.of(LinkChanged)[-1].link.may_act


async def test_a_window_is_fetched_again_when_something_changed_and_not_otherwise():
    async with listening() as here:
        here.world.add("first")
        await here.live()
        here.feed.look(JOBS, JobsAim())
        await here.until(lambda: here.came(JOBS))
        count = len(here.came(JOBS))
        for _ in range(20):
            await here.until(lambda: True)
            here.world.clock.advance(0.1)
        assert len(here.came(JOBS)) == count
        here.world.add("second")
        await here.until(lambda: len(here.came(JOBS)) > count)
        assert [job.name for job in here.came(JOBS)[-1].answer.jobs] == ["first", "second"]


async def test_bursts_are_merged():
    async with listening() as here:
        await here.live()
        here.feed.look(JOBS, JobsAim())
        await here.until(lambda: here.came(JOBS))
        before = len(here.came(JOBS))
        for n in range(50):
            here.world.add(f"job {n}")
            await asyncio.sleep(0)
        await here.until(lambda: here.came(JOBS)[-1].answer.total == 50)
        assert len(here.came(JOBS)) - before <= 3


async def test_a_running_cursor_loads_only_where_it_stops():
    async with listening() as here:
        for n in range(10):
            here.world.add(f"job {n}")
        await here.live()
        for job in range(1, 11):
            here.feed.look(STORY, job)
            await asyncio.sleep(0)
        await here.until(lambda: here.came(STORY), step_s=0.02)
        assert [message.aim for message in here.came(STORY)] == [10]


async def test_a_refused_query_is_told_and_the_connection_stays():
    async with listening() as here:
        await here.live()
        here.feed.look(JOBS, JobsAim(where="foo:bar"))
        await here.until(lambda: here.came(JOBS))
        assert "unknown field" in here.came(JOBS)[-1].error.message
        assert here.feed.link.stage is Stage.LIVE


async def test_it_waits_longer_each_time_and_hurries_when_told():
    async with listening() as here:
        here.world.down = True
        await here.until(lambda: here.feed.link.stage is Stage.OFFLINE)
        first = here.feed.link
        assert first.retry_s == pytest.approx(here.world.clock.monotonic() + FIRST_WAIT_S)
        assert "nobody answers" in first.error
        await here.until(lambda: here.feed.link.tries >= 4)
        waits = [m.link.retry_s - m.link.since_s for m in here.of(LinkChanged)]
        assert waits == sorted(waits)
        here.world.down = False
        here.feed.hurry()
        await here.until(lambda: here.feed.link.stage is Stage.LIVE, step_s=0.0)


async def test_it_comes_back_and_looks_again():
    async with listening() as here:
        here.world.add("first")
        await here.live()
        here.feed.look(JOBS, JobsAim())
        await here.until(lambda: here.came(JOBS))
        here.world.cut()
        await here.until(lambda: here.feed.link.stage is Stage.OFFLINE)
        count = len(here.came(JOBS))
        here.world.mend()
        await here.until(lambda: len(here.came(JOBS)) > count)


async def test_acts_fail_at_once_without_a_connection_and_are_not_kept():
    async with listening() as here:
        here.world.down = True
        await here.until(lambda: here.feed.link.stage is Stage.OFFLINE)
        with pytest.raises(NoDaemon):
            await here.feed.call(Cancel(targets=Targets(ids=(1,))))
        here.world.down = False
        here.feed.hurry()
        await here.live()
        assert here.world.acts() == []


async def test_another_protocol_is_said_so():
    async def refuse(*, read_only):
        raise VersionMismatch("the daemon speaks protocol 2, this client 1")

    here = Listener()
    here.feed = Feed(refuse, here.told.append, here.world.clock)
    async with asyncio.TaskGroup() as group:
        task = group.create_task(here.feed.run())
        await here.until(lambda: here.feed.link.stage is Stage.FAILED)
        assert "protocol 2" in here.feed.link.error
        task.cancel()


async def test_rights_change_with_the_connection():
    async with listening() as here:
        here.feed.read_only = True
        await here.live()
        assert not here.feed.link.may_act
        here.feed.rearm(read_only=False)
        await here.until(lambda: here.feed.link.may_act)
        assert len(here.world.doors) == 2


async def test_frozen_it_hears_pulses_and_fetches_nothing():
    async with listening() as here:
        await here.live()
        here.feed.look(JOBS, JobsAim())
        await here.until(lambda: here.came(JOBS))
        here.feed.frozen = True
        asked = len([a for a in here.world.asked if isinstance(a, ListJobs)])
        pulses = len(here.of(PulseCame))
        here.world.add("late")
        await here.until(lambda: len(here.of(PulseCame)) > pulses)
        assert len([a for a in here.world.asked if isinstance(a, ListJobs)]) == asked


async def test_answers_are_harmless():
    async with listening() as here:
        here.world.add("\x1b]0;x\x07name\x1b[2J", note="\x9b31m")
        await here.live()
        here.feed.look(JOBS, JobsAim())
        await here.until(lambda: here.came(JOBS))
        [job] = here.came(JOBS)[-1].answer.jobs
        assert job.name == "name"
        assert "\x9b" not in job.note
