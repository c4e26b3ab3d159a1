"""What somebody knows of survives, and jobs that wait for a person are found."""

from engine.model.attention import Acknowledged
from engine.model.ids import Epoch
from engine.model.states import State
from engine.store.kept import Some
from engine.store.protocol import Store
from tests.engine.store.author import Author
from tests.kit.build import NOW

ANA = Acknowledged(key="queue:gpu", rank=5, affected=9, by="ana", at=NOW, until_at=NOW + 1)


async def test_what_is_acknowledged_is_kept_whole(author: Author) -> None:
    assert await author.store.acknowledged() == {}
    await author.write(author.unit(acknowledged={ANA.key: ANA}))
    await author.write(author.unit())
    assert await author.store.acknowledged() == {ANA.key: ANA}
    await author.write(author.unit(acknowledged={}))
    assert await author.store.acknowledged() == {}


async def test_a_daemon_of_the_past_acknowledges_nothing(store: Store) -> None:
    old = Author(store, await store.take_over(NOW))
    await store.take_over(NOW)
    await old.write(old.unit(acknowledged={ANA.key: ANA}))
    assert old.epoch != Epoch(0)
    assert await store.acknowledged() == {}


async def test_jobs_that_ask_are_counted_by_queue(author: Author) -> None:
    for queue, asks in (("gpu", True), ("cpu", True), ("gpu", True), ("gpu", False)):
        job = await author.submit(queue=queue)
        await author.move(
            job, state=State.FAILED, ended_at=NOW, state_at=NOW + job.id, needs_operator=asks
        )
    found = await author.store.asking(100)
    assert [(one.queue, one.number) for one in found] == [("cpu", 1), ("gpu", 2)]
    assert [one.since_at for one in found] == [NOW + one.first for one in found]
    assert sum(one.number for one in await author.store.asking(2)) == 2


async def test_jobs_on_hold_are_counted_by_queue_and_since_they_are(author: Author) -> None:
    job = await author.submit()
    held = await author.move(job, held_by="ana", state_at=NOW - 5)
    await author.submit()
    [one] = await author.store.on_hold(100)
    assert one == Some("default", 1, held.id, NOW, "ana")
    await author.move(held, held_by=None)
    assert await author.store.on_hold(100) == []
