"""The engine's figures: all of them, in whole lines, and loud where they are too much."""

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.admin.engine_lines import Figure, engine_lines, groups
from crabtui.data.admin.limit_rows import limit_rows
from crabtui.data.fitting import cells
from engine.control.views import QueuesView, Stats, TenantsView, TenantView
from tests.kit import answers
from tests.kit.fake_door import a_daemon


def stats(**engine: object) -> Stats:
    found = answers.some_stats(a_daemon())
    return msgspec.structs.replace(
        found, engine=msgspec.structs.replace(found.engine, **engine)
    )


def figure(found: Stats, name: str) -> Figure:
    return next(f for g in groups(found, answers.NOW_AT) for f in g.figures if f.name == name)


@pytest.mark.parametrize(
    ("engine", "name", "is_bad"),
    [
        ({"round_ms_p95": 99.0}, "round p95", False),
        ({"round_ms_p95": 210.0}, "round p95", True),
        ({"commit_ms_p95": 1_500.0}, "commit p95", True),
        ({"lock_waits": 0}, "refused", False),
        ({"lock_waits": 1}, "refused", True),
        ({"wal_bytes": 61 * 2**20}, "WAL", True),
        ({"descriptors": 900, "descriptors_most": 1024}, "open files", True),
        ({"descriptors": 0, "descriptors_most": 0}, "open files", False),
    ],
)
def test_too_much_is_bad(engine: dict[str, object], name: str, is_bad: bool) -> None:
    assert figure(stats(**engine), name).is_bad is is_bad


def test_trouble_is_said_first() -> None:
    found = answers.some_stats(a_daemon(trouble="the disk is full"))
    assert figure(found, "state").value == "the disk is full"
    assert figure(found, "state").is_bad


@given(st.integers(20, 250), st.integers(0, 2**60))
def test_no_line_is_wider_than_there_is_room(width: int, number: int) -> None:
    found = stats(commits=number, units=number, wal_bytes=number, checkpoint_at=None)
    for line in engine_lines(found, answers.NOW_AT, width):
        assert sum(cells(text) for text, _ in line) <= width


def test_limits_are_those_of_all_then_of_queues_then_of_tenants() -> None:
    queues = QueuesView(
        queues=(answers.a_queue("gpu", limit=2, running=2), answers.a_queue("free")),
        seq=1,
        mode="high",
        depth=90,
        max_depth=100,
    )
    lab = TenantView(
        tenant="lab",
        namespace="a",
        weight=1,
        share=0.0,
        running=1,
        queued=2,
        taken={"cpu_milli": 1_500},
        quota={"queued": 4, "cpu_milli": 3_000},
    )
    rows = limit_rows(queues, TenantsView(tenants=(lab,)))
    told = [(row.of, row.what, row.now, row.most, round(row.part, 2)) for row in rows]
    assert told == [
        ("everything", "waiting", 90, 100, 0.9),
        ("queue gpu", "running", 2, 2, 1.0),
        ("tenant lab/a", "waiting", 2, 4, 0.5),
        ("tenant lab/a", "cpus", 1.5, 3.0, 0.5),
    ]
    assert rows[0].note == "backpressure high"
