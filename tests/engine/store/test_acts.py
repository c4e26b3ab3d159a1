"""The audit trail is found without reading all that ever happened."""

import sqlite3
from importlib.resources import files
from pathlib import Path

import pytest

from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq
from engine.store.protocol import Draft, Store, Written
from engine.store.queries import load_queries
from tests.engine.store.author import Author, told
from tests.kit.build import NOW, a_job

END = Seq(2**62)


async def acted(author: Author, verb: str, actor: str = "ana") -> Event:
    """An act that was written down, between two other events."""
    draft = Draft(type=EventType.OPERATOR_ACTED, actor=actor, data={"verb": verb})
    written = await author.write(author.unit(told(None), draft, told(None)))
    assert isinstance(written, Written)
    return written.events[1]


async def test_acts_are_the_newest_oldest_first(author: Author, store: Store) -> None:
    acts = [await acted(author, verb) for verb in ("hold", "cancel", "hold")]
    assert await store.acts(END, 10) == acts
    assert await store.acts(END, 2) == acts[1:]
    assert await store.acts(acts[2].seq, 2) == acts[:2]
    assert await store.acts(acts[0].seq, 2) == []
    assert await store.acts(END, 0) == []


async def test_conditions_hold_together(author: Author, store: Store) -> None:
    await acted(author, "hold")
    mine = await acted(author, "hold", "bob")
    other = await acted(author, "cancel", "bob")
    assert await store.acts(END, 9, actor="bob") == [mine, other]
    assert await store.acts(END, 9, actor="bob", verb="hold") == [mine]
    assert await store.acts(END, 9, verb="x") == []
    assert await store.acts(END, 9, since_at=NOW) == await store.acts(END, 9)
    assert await store.acts(END, 9, since_at=other.at + 1) == []
    assert await store.acts(END, 9, actor="' OR 1=1 --") == []


async def test_bulk_since_tells_what_became_visible_later(author: Author, store: Store) -> None:
    async def come_in() -> tuple[JobId, JobId]:
        first = await store.reserve_ids(3)
        await author.add_batch(*(a_job(id=JobId(first + number)) for number in range(3)))
        await store.commit_batch(first, author.batch_unit(first, JobId(first + 2)))
        return first, JobId(first + 2)

    assert await store.bulk_since(Seq(0)) == []
    one, seen = await come_in(), await store.head()
    two = await come_in()
    still_open = await store.reserve_ids(1)
    await author.add_batch(a_job(id=still_open))
    assert await store.bulk_since(Seq(0)) == [one, two]
    assert await store.bulk_since(seen) == [two]
    assert await store.bulk_since(await store.head()) == []


@pytest.mark.parametrize("name", ["acts", "bulk_since"])
def test_an_index_leads_there(name: str, tmp_path: Path) -> None:
    schema = files("engine.store.sqlite").joinpath("schema.sql").read_text()
    statement = load_queries("engine.store.sqlite")[name]
    names = {"before": 9, "since_at": 0, "actor": None, "verb": None, "limit": 5, "seq": 1}
    with sqlite3.connect(tmp_path / "x") as db:
        db.executescript(schema)
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", names)]
    assert any("USING INDEX" in step or "USING COVERING INDEX" in step for step in plan), plan
    assert not any("TEMP B-TREE" in step for step in plan), plan
