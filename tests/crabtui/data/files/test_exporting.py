"""Jobs as text for other programs."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.files.exporting import FIELDS, Format, body, format_of, harmless, head, tail
from engine.control.views import JobRow
from engine.errors import InvalidSpec
from tests.crabtui.data.rows import a_row

names = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)


def written(kind: Format, rows: list[JobRow], pages: int) -> str:
    parts = [rows[at : at + pages] for at in range(0, len(rows), pages)]
    pieces = (body(kind, part, first=n == 0) for n, part in enumerate(parts))
    return head(kind) + "".join(pieces) + tail(kind)


@given(st.lists(names, max_size=7), st.integers(1, 3))
def test_every_row_arrives_however_it_was_paged(some: list[str], pages: int) -> None:
    rows = [a_row(n, name=name, tags=("a", name)) for n, name in enumerate(some, 1)]
    lines = [json.loads(line) for line in written("jsonl", rows, pages).split("\n") if line]
    assert [line["name"] for line in lines] == some
    whole = json.loads(written("json", rows, pages))
    assert [job["id"] for job in whole["jobs"]] == [row.id for row in rows]
    read = list(csv.DictReader(io.StringIO(written("csv", rows, pages), newline="")))
    assert [int(row["id"]) for row in read] == [row.id for row in rows]
    assert [row["name"] for row in read] == [harmless(name) for name in some]
    assert all(set(row) == set(FIELDS) for row in read)


@given(names)
def test_no_cell_is_a_formula_or_moves_a_terminal(text: str) -> None:
    cell = harmless(text)
    assert not cell.startswith(("=", "+", "-", "@"))
    assert "\x1b" not in cell


@pytest.mark.parametrize(("path", "kind"), [("a/jobs.CSV", "csv"), ("x.jsonl", "jsonl")])
def test_the_name_says_the_format(path: str, kind: str) -> None:
    assert format_of(path) == kind


@pytest.mark.parametrize("path", ["jobs", "jobs.xls"])
def test_an_unknown_ending_is_refused(path: str) -> None:
    with pytest.raises(InvalidSpec, match="csv"):
        format_of(path)
