"""Events of schema 1 can be read for ever, and are still written as they were."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from engine.model.events import Event, EventType
from engine.model.outcome import Category, Trouble
from engine.model.states import State
from engine.store import codec
from tests.engine.store.author import told
from tests.kit.build import NOW, a_job

GOLDEN = Path(__file__).parents[2] / "golden" / "events" / "schema_1.ndjson"
ABOUT_JOBS = ("job.", "attempt.", "lease.")


def sample(seq: int, kind: EventType) -> Event:
    """An event of this kind with everything in it that an event can have."""
    about_job = kind.startswith(ABOUT_JOBS) and kind is not EventType.JOB_REJECTED
    job = a_job(id=1423, state=State.RETRYING)
    trouble = Trouble(category=Category.INTERNAL, code="exit", message="exit code 1")
    now = replace(job.now, trouble=trouble, exit_code=1)
    draft = told(
        job.id if about_job else None,
        kind,
        worker="local" if kind.startswith(("worker.", "attempt.")) else None,
        attempt=now.attempt or ("1423-1-1" if kind.startswith("attempt.") else None),
        tenant="default",
        actor="ann",
        cause="because",
        data={"first": 1, "last": 9} if kind is EventType.JOBS_SUBMITTED else {},
    )
    return codec.event(draft, seq, NOW, now if about_job else None)


def written() -> list[dict[str, Any]]:
    """A row of every kind, by column."""
    rows = [codec.event_row(sample(seq, kind)) for seq, kind in enumerate(EventType, 1)]
    return [dict(zip(codec.EVENT, row, strict=True)) for row in rows]


def golden() -> list[dict[str, Any]]:
    return [json.loads(line) for line in GOLDEN.read_text().splitlines()]


def test_every_kind_of_event_has_a_golden_one() -> None:
    assert {row["type"] for row in golden()} == {kind.value for kind in EventType}


@pytest.mark.parametrize("row", golden(), ids=lambda row: row["type"])
def test_a_golden_event_is_read_and_written_back(row: dict[str, Any]) -> None:
    event = codec.read_event(tuple(row[name] for name in codec.EVENT))
    assert event.type is EventType(row["type"])
    assert dict(zip(codec.EVENT, codec.event_row(event), strict=True)) == row
    if "now" in event.data:
        image = msgspec.convert(event.data["now"], type(a_job().now))
        assert image.version == event.seq


def test_events_are_written_as_they_were() -> None:
    known = {row["type"]: row for row in golden()}
    for row in written():
        assert row == {**known[row["type"]], "seq": row["seq"]} | _moved(row, known)


def _moved(row: dict[str, Any], known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """A kind that was added in between shifts the numbers of those behind it."""
    data = json.loads(known[row["type"]]["data"])
    if "now" in data:
        data["now"]["version"] = row["seq"]
    return {"data": codec.encode(data)}
