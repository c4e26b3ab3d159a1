"""What a preview says of each job that would move."""

from crabtui.data.job.preview_lines import lines
from engine.control.views import MovedView, Preview


def moved(**fields):
    known = {"id": 9, "name": "ana2", "queue": "gpu", "worker": None}
    known |= {"was_place": 1, "place": 2, "was_starts_ms": 526_000, "starts_ms": 526_000}
    return MovedView(**{**known, **fields})


def line(**fields):
    preview = Preview(
        act="",
        token="",
        earlier=(),
        later=(moved(**fields),),
        unchanged=0,
        grants=256,
        assumed_ms=60_000,
    )
    return list(lines(preview))[1]


def test_a_time_that_is_another_is_told_from_and_to():
    assert line(starts_ms=600_000).endswith("1. → 2.       in 8m46s → in 10m00s")


def test_where_only_the_place_is_another_the_time_is_told_once():
    assert line().endswith("1. → 2.       in 8m46s as before")
    assert line(was_starts_ms=526_000, starts_ms=526_400).endswith("in 8m46s as before")
