"""An act on many jobs is cut off by a kill: a consistent half, which the same act completes."""

import threading
from collections import Counter
from contextlib import suppress

from engine.control.messages import (
    Check,
    FollowEvents,
    GetStats,
    Hold,
    ListEvents,
    SetQueue,
    SubmitArray,
    Targets,
)
from engine.errors import EngineError
from engine.model.events import EventType
from tests.kit.daemon import RealDaemon

COUNT = 10_000


def wait_begun(daemon: RealDaemon, act: Hold) -> threading.Thread:
    """Ask for it from a thread; return once the first of it is on disk."""

    def run() -> None:
        with suppress(EngineError), daemon.client() as client:  # the daemon dies meanwhile
            client.call(act)

    asking = threading.Thread(target=run)
    with daemon.client() as client:
        head = client.call(ListEvents(last=True, limit=1)).head
        asking.start()
        for event in client.stream(FollowEvents(after=head)):
            if event.type is EventType.JOB_HELD:
                break
    return asking


def held_events(daemon: RealDaemon) -> Counter[int | None]:
    """How often each job was told to be held."""
    told: Counter[int | None] = Counter()
    after = 0
    with daemon.client() as client:
        while events := client.call(ListEvents(after=after, limit=1000)).events:
            after = events[-1].seq
            told.update(e.job for e in events if e.type is EventType.JOB_HELD)
    return told


def test_an_act_that_a_kill_cut_off_is_completed_by_the_same_act(daemon: RealDaemon) -> None:
    with daemon.client() as client:
        client.call(SetQueue(name="default", pause=True))
        template = {"command": ["/bin/true", "{item}"]}
        client.call(SubmitArray(job=template, values=(f"1-{COUNT}",)))
    act = Hold(targets=Targets(where="array:1"))
    asking = wait_begun(daemon, act)
    daemon.kill9()
    asking.join()
    daemon.start()
    held = daemon.count("array:1 held:yes")
    told = held_events(daemon)
    assert 0 < held < COUNT
    assert len(told) == held
    with daemon.client() as client:
        assert client.call(Check()).problems == ()
        done = client.call(act)
        assert done.matched == COUNT
        assert all(one.ok for one in done.results)
        assert client.call(Check()).problems == ()
        assert client.call(GetStats()).jobs.by_state == {"queued": COUNT}
    assert daemon.count("array:1 held:yes") == COUNT
    assert held_events(daemon) == Counter(range(2, COUNT + 2))
