"""How it goes and what wants attention, on the command line."""

import json

from engine.control.messages import Acknowledge, GetTrends, ListMatters
from engine.control.views import Acted, Result
from engine.errors import NotFound
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import NOW_AT
from tests.kit.fake_door import FakeDoor
from tests.kit.pulse import a_trends_view, an_attention_view, some_matters


def test_trends_are_lines_with_a_picture(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetTrends] = a_trends_view()
    heads, first, *_, last = crab("pulse").out.splitlines()
    assert heads.split() == ["WHAT", "NOW", "PEAK", "LAST", "1H00M"]
    assert first.split()[:3] == ["done/s", "4.1", "7.9"]
    assert len(first.split()[3]) == 60
    assert last.endswith("budget 100ms")
    assert door.asked(GetTrends) == [GetTrends()]


def test_trends_of_a_queue_and_a_range(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetTrends] = a_trends_view(since_at=NOW_AT - 60_000_000)
    ran = crab("pulse", "--queue", "gpu", "--range", "15m", "--buckets", "30")
    assert door.asked(GetTrends) == [GetTrends(range_ms=900_000, buckets=30, queue="gpu")]
    assert "counted from 2023-11-14 22:14:00Z on" in ran.out


def test_trends_as_json(crab: Crab, door: FakeDoor) -> None:
    door.answers[GetTrends] = a_trends_view()
    told = json.loads(crab("pulse", "--json").out)
    assert told["recent"]["depth"] == 1_204
    assert len(told["done"]) == 60


def test_what_wants_attention(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListMatters] = an_attention_view(*some_matters())
    heads, worker, queue, failures, engine = crab("attention").out.splitlines()
    assert heads.split() == ["KEY", "FOR", "WHAT", "AFFECTED", "WHERE"]
    assert worker.startswith("✗  worker:gpu-07")
    assert "41s  down: no route to host; 2 jobs may be lost  " in worker
    assert queue.endswith("152  queues/etl")
    assert failures.startswith("!")
    assert engine.startswith("✓")
    assert "known to bo for 31m00s: round p95 210 ms" in engine


def test_when_nothing_does(crab: Crab, door: FakeDoor) -> None:
    door.answers[ListMatters] = an_attention_view()
    assert crab("attention").out == "all clear since 21:25Z\n"
    assert json.loads(crab("attention", "--json").out)["matters"] == []


def test_saying_that_somebody_knows(crab: Crab, door: FakeDoor) -> None:
    was, now = "not acknowledged", "acknowledged by ana for 1 h"
    done = Result(id="queue:etl", ok=True, was=was, now=now)
    door.answers[Acknowledge] = Acted(results=(done,), matched=1)
    assert crab("attention", "ack", "queue:etl", "--why", "known").out == (
        f"queue:etl {was} → {now}\n"
    )
    crab("attention", "ack", "queue:etl", "--undo")
    assert door.asked(Acknowledge) == [
        Acknowledge(key="queue:etl", why="known"),
        Acknowledge(key="queue:etl", undo=True),
    ]


def test_of_what_is_not_there(crab: Crab, door: FakeDoor) -> None:
    door.answers[Acknowledge] = NotFound("nothing called 'x' wants attention", field="key")
    ran = crab("attention", "ack", "x")
    assert (ran.code, ran.out) == (3, "")
    assert "nothing called 'x'" in ran.err
