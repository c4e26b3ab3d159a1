"""What a job waits for, as people write it."""

import pytest

from engine.errors import InvalidSpec
from engine.model.intake import Reader
from engine.model.workflow import After, Edge


def read(after):
    reader = Reader({}, owner="me", cwd="/", now_at=1)
    return reader.read({"command": ["true"], "depends_on": after}, "job").constraints


@pytest.mark.parametrize(
    ("written", "edges"),
    [
        (7, {7: After.SUCCESS}),
        ("#7", {7: After.SUCCESS}),
        ("7:failure", {7: After.FAILURE}),
        ([7, "8:end"], {7: After.SUCCESS, 8: After.END}),
        ([{"job": 7, "after": "failure"}, 9, 9], {7: After.FAILURE, 9: After.SUCCESS}),
        ([], {}),
    ],
)
def test_it_may_wait_for_any_end(written, edges):
    assert {edge.on: edge.after for edge in read(written).edges} == edges


def test_success_is_what_is_usually_waited_for():
    constraints = read([7, "8:failure"])
    assert constraints.depends_on == (7,)
    assert constraints.depends_otherwise == (Edge(8, After.FAILURE),)


@pytest.mark.parametrize(
    ("written", "place", "nearest"),
    [
        ("7:fail", "job.depends_on[0]", "failure"),
        ([1, {"jobs": 7}], "job.depends_on[1]", "job"),
        ([7, "7:end"], "job.depends_on[1]", None),
        ([{"after": "end"}], "job.depends_on[0]", None),
        (True, "job.depends_on", None),
        ("seven", "job.depends_on[0]", None),
    ],
)
def test_what_cannot_be_waited_for_is_named(written, place, nearest):
    with pytest.raises(InvalidSpec) as wrong:
        read(written)
    assert wrong.value.field == place
    assert wrong.value.nearest == nearest
