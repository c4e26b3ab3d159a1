"""Each width has its columns, and all of it is used."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.table import columns
from crabtui.data.table.columns import Scene
from engine.model.sorts import SORTS
from tests.crabtui.data.rows import NOW, SECOND, a_row

SCENE = Scene(NOW)
SETS = {
    60: "ID NAME PRI TIME NOTE",
    80: "ID NAME QUEUE PRI WORKER ATT TIME NOTE",
    100: "ID NAME QUEUE PRI WORKER ATT WAIT TIME NOTE",
    120: "ID NAME QUEUE OWNER PRI WORKER ATT WAIT TIME NOTE",
    140: "ID NAME QUEUE TENANT OWNER PRI WORKER ATT WAIT TIME ENDED NOTE",
    160: "ID NAME QUEUE TENANT OWNER PRI WORKER ATT WAIT TIME ENDED TAGS NOTE",
}


@pytest.mark.parametrize("width", SETS)
def test_columns_of_a_width(width):
    assert " ".join(col.title for col in columns.layout(width)) == SETS[width]
    assert columns.layout(width) != columns.layout(width - 1)


def test_headers_sort_only_by_what_the_engine_can_sort_by():
    sorts = {col.sort for _, col in columns.ORDER if col.sort is not None}
    assert {"id", "name", "queue", "priority", "worker", "ended"} <= sorts <= set(SORTS)


@given(st.integers(min_value=60, max_value=400))
def test_the_columns_fill_the_width(width):
    chosen = columns.layout(width)
    taken = columns.GUTTER + sum(col.width + 1 for col in chosen) + 1
    assert taken == width
    assert min(col.width for col in chosen) >= 3
    assert {col.key: col.width for col in chosen}["name"] >= 14


def test_notes_have_more_room_on_wide_tables():
    assert columns.layout(159)[-1].width == 14
    assert columns.layout(160)[-1].width == 24


def shown(row):
    chosen = columns.layout(160)
    cells = columns.cells(row, chosen, SCENE)
    return {col.key: cell for col, cell in zip(chosen, cells, strict=True)}


def test_a_job_in_every_column():
    row = a_row(
        1423,
        "failed",
        name="train",
        owner="ana",
        priority="critical",
        worker_id="local",
        attempt=3,
        max_attempts=3,
        started_at=NOW - 100 * SECOND,
        completed_at=NOW - 10 * SECOND,
        exit_code=137,
        tags=("a", "b"),
    )
    assert shown(row) == {
        "id": ("#1423", "text"),
        "name": ("train", "text"),
        "queue": ("default", "text"),
        "tenant": ("default", "muted"),
        "owner": ("ana", "text"),
        "pri": ("crit", "text"),
        "worker": ("local", "text"),
        "att": ("3/3", "warn"),
        "wait": ("0s", "text"),
        "time": ("1m30s", "text"),
        "ended": ("22:13:10", "text"),
        "tags": ("a b", "muted"),
        "note": ("exit 137", "bad"),
    }


@pytest.mark.parametrize(
    ("job", "text"),
    [(7, "#7"), (9_999_999, "#9999999"), (12_345_678, "12345678"), (2**63 - 1, "…4775807")],
)
def test_ids_fit_their_column(job, text):
    assert shown(a_row(job))["id"][0] == text
    assert len(text) <= 8


@given(st.text())
def test_no_text_of_a_job_is_dangerous(text):
    row = a_row(name=text, queue=text, owner=text, note=text, tags=(text,), worker_id=text)
    for cell, _ in shown(row).values():
        assert cell.isprintable() or not any(
            ord(char) < 32 or ord(char) == 127 for char in cell
        )
