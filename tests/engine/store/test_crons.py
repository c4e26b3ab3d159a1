"""Recurring work is remembered, found when it is due, and changed by one writer at a time."""

from msgspec.structs import replace

from engine.errors import StaleLease
from engine.model.cron import Cron, Missed, Overlap
from engine.model.events import EventType
from engine.model.ids import JobId
from engine.store.crons import CronMove
from engine.store.units import Draft, Unit
from tests.engine.store.author import Author
from tests.kit.build import NOW

NIGHTLY = Cron(
    name="nightly",
    spec="0 2 * * *",
    zone="Europe/Berlin",
    body={"command": ["true"], "tags": ["a"]},
    surroundings=1,
    user="ana",
    missed=Missed.ALL,
    overlap=Overlap.QUEUE,
    next_at=NOW + 5,
    due_at=NOW + 7,
)
TOLD = Draft(type=EventType.CRON_CHANGED)


def unit_of(author: Author, cron: Cron | None, was: int = 0, name: str = "nightly") -> Unit:
    move = CronMove(name=name, was_version=was, now=cron)
    return author.unit(TOLD, crons=[move])


async def test_a_schedule_is_kept_whole_and_its_version_grows(author: Author) -> None:
    assert await author.store.crons() == []
    await author.write(unit_of(author, NIGHTLY))
    assert await author.store.cron("nightly") == replace(NIGHTLY, version=1)
    changed = replace(NIGHTLY, live=(JobId(3),), starting=(NOW,))
    await author.write(unit_of(author, changed, was=1))
    assert await author.store.crons() == [replace(changed, version=2)]
    await author.write(unit_of(author, None, was=2))
    assert await author.store.cron("nightly") is None


async def test_who_saw_an_older_one_changes_nothing(author: Author) -> None:
    await author.write(unit_of(author, NIGHTLY))
    head = await author.store.head()
    for cron, was in ((NIGHTLY, 0), (NIGHTLY, 2), (None, 2)):
        [answer] = await author.store.write([unit_of(author, cron, was)])
        assert isinstance(answer, StaleLease)
    assert await author.store.head() == head
    assert await author.store.cron("nightly") == replace(NIGHTLY, version=1)


async def test_what_is_due_is_found_the_most_urgent_first(author: Author) -> None:
    for name, due_at in (("b", NOW + 9), ("a", NOW + 3), ("never", None)):
        cron = replace(NIGHTLY, name=name, due_at=due_at)
        await author.write(unit_of(author, cron, name=name))
    starting = replace(NIGHTLY, name="s", due_at=None, starting=(NOW,))
    await author.write(unit_of(author, starting, name="s"))
    assert await author.store.next_cron_at() == 0
    assert [cron.name for cron in await author.store.due_crons(NOW + 8, 10)] == ["s", "a"]
    assert [cron.name for cron in await author.store.due_crons(NOW + 9, 10)] == ["s", "a", "b"]
    assert [cron.name for cron in await author.store.due_crons(NOW + 9, 1)] == ["s"]


async def test_what_owes_runs_is_found_unless_it_is_paused(author: Author) -> None:
    for name, by in (("kept", None), ("paused", "ana")):
        cron = replace(NIGHTLY, name=name, owed=(NOW,), paused_by=by)
        await author.write(unit_of(author, cron, name=name))
    assert [cron.name for cron in await author.store.owing_crons()] == ["kept"]
