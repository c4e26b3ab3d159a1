"""What jobs have in common, counted by every kind of store; percentiles; what lists cost."""

from typing import Any

import pytest

from engine.errors import Category
from engine.model.filter import parse
from engine.model.outcome import Trouble
from engine.model.priority import Priority
from engine.model.snapshot import LaneKey
from engine.model.states import State
from engine.store.protocol import Store, Window
from engine.store.values import Grouping
from tests.engine.store.author import Author
from tests.kit.build import NOW

MINUTE = 60_000_000


async def ids(store: Store, where: str) -> list[int]:
    page = await store.window(Window(query=parse(where), sort="id", now_at=NOW))
    return [job.id for job in page.jobs]


async def test_only_so_many_are_looked_at_and_that_is_said(author: Author) -> None:
    for name in "abc":
        await author.submit(name=name)
    grouping: dict[str, Any] = {"by": "name", "newest": True}
    two = await author.store.grouped(Grouping(**grouping, limit=2))
    assert (dict(two.values), two.is_exact) == ({"b": {"queued": 1}, "c": {"queued": 1}}, False)
    three = await author.store.grouped(Grouping(**grouping, limit=3))
    assert (len(three.values), three.is_exact) == (3, True)


async def test_counters_answer_however_many_there_are(author: Author) -> None:
    for queue in "aab":
        await author.submit(queue=queue, priority=Priority.HIGH)
    found = await author.store.grouped(Grouping(by="queue", query=parse("prio:high"), limit=1))
    assert (dict(found.values), found.is_exact) == (
        {"a": {"queued": 2}, "b": {"queued": 1}},
        True,
    )
    priorities = await author.store.grouped(Grouping(by="prio"))
    assert dict(priorities.values) == {"high": {"queued": 3}}


async def test_of_a_reason_the_job_says_it_or_its_lane_knows(author: Author) -> None:
    job = await author.submit(queue="a")
    failed = await author.submit(queue="b")
    await author.move(failed, state=State.FAILED, ended_at=NOW, note="exit 3")
    found = await author.store.grouped(Grouping(by="reason"))
    assert dict(found.values) == {"exit 3": {"failed": 1}}
    assert dict(found.lanes) == {LaneKey("a", job.now.priority, "default", job.shape): 1}


async def test_a_fingerprint_is_found_and_counted(author: Author) -> None:
    job = await author.submit()
    await author.submit()
    await author.move(
        job,
        state=State.FAILED,
        ended_at=NOW,
        trouble=Trouble(category=Category.BACKEND, code="exit", message="x", fp="ab12"),
    )
    assert await ids(author.store, "fp:ab12") == [job.id]
    assert await ids(author.store, "fp:ab*") == [job.id]
    found = await author.store.grouped(Grouping(by="fp"))
    assert dict(found.values) == {"ab12": {"failed": 1}}
    assert dict(found.without) == {"queued": 1}


async def test_a_percentile_comes_from_what_ended_in_the_queue(author: Author) -> None:
    for minutes in range(1, 11):
        job = await author.submit(queue="a")
        await author.move(
            job,
            state=State.SUCCEEDED,
            queued_at=NOW - 60 * MINUTE,
            started_at=NOW - (60 - minutes) * MINUTE,
            ended_at=NOW,
        )
    slow = await author.submit(queue="a", now={"queued_at": NOW - 10 * MINUTE})
    quick = await author.submit(queue="a", now={"queued_at": NOW - 9 * MINUTE})
    unknown = await author.submit(queue="b", now={"queued_at": NOW - 90 * MINUTE})
    waiting = "state:queued"
    assert await ids(author.store, f"{waiting} wait>p90") == [slow.id]
    assert await ids(author.store, f"{waiting} wait<=p90") == [quick.id]
    assert unknown.id in await ids(author.store, f"{waiting} !wait>p90")


@pytest.mark.parametrize(
    ("where", "scan"),
    [
        ("", 0),
        ("id:2", 0),
        ("state:running", 0),
        ("state:queued,running queue:a", 0),
        ("state:succeeded", 3),
        ("name:x", 3),
        ("!state:running", 3),
        ("fp:abc", 0),
    ],
)
async def test_a_list_says_what_it_costs(author: Author, where: str, scan: int) -> None:
    for _ in range(3):
        await author.submit(queue="a")
    page = await author.store.window(Window(query=parse(where)))
    assert page.scan == scan


async def test_no_job_is_lost_by_the_way_to_it(author: Author) -> None:
    """Jobs that ask for a look stand before all others, whatever their state is."""
    for state in State:
        job = await author.submit()
        await author.move(job, state=state)
        asking = await author.submit()
        await author.move(asking, state=state, needs_operator=True)
    for state in State:
        page = await author.store.window(Window(query=parse(f"state:{state.value}")))
        assert (len(page.jobs), page.total) == (2, 2), state
