"""Sessions: where each ran last, and which are forgotten when there are too many."""

from pathlib import Path

from engine.ledger.memory.sessions import Sessions
from engine.model.states import State
from tests.kit.engine import FakeBackend, an_engine


def test_the_one_that_was_idle_longest_is_forgotten_first() -> None:
    sessions = Sessions(most=2)
    sessions.ran("a", "w1")
    sessions.ran("b", "w2")
    sessions.ran("a", "w3")  # it is the newest again, and somewhere else
    sessions.ran(None, "w9")
    assert sessions.workers == {"b": "w2", "a": "w3"}
    sessions.ran("c", "w1")
    assert sessions.workers == {"a": "w3", "c": "w1"}


def test_what_the_store_remembers_is_forgotten_in_the_same_order() -> None:
    sessions = Sessions(most=2)
    sessions.load({"new": "w1", "old": "w2", "oldest": "w3"})
    assert sessions.workers == {"old": "w2", "new": "w1"}
    sessions.ran("newer", "w1")
    assert sessions.workers == {"new": "w1", "newer": "w1"}


async def test_sessions_outlive_the_daemon(tmp_path: Path) -> None:
    host = FakeBackend(cpus=2)
    async with an_engine(tmp_path, host) as engine:
        for name in ("s2", "s1", "s2"):
            [job] = await engine.submit({"argv": ["true"], "session": name})
            host.end(await engine.running(job))  # what still runs would be remembered anyway
            await engine.until_state(job, State.SUCCEEDED)
        assert list(engine.desk.working_set.sessions.workers) == ["s1", "s2"]
    async with an_engine(tmp_path, host) as engine:
        assert engine.desk.working_set.sessions.workers == {"s1": "local", "s2": "local"}
        assert list(engine.desk.working_set.sessions.workers) == ["s1", "s2"]
