"""Ages, counts and states read the same everywhere, in a known width."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data import wording
from crabtui.data.wording import Zone
from tests.crabtui.data.rows import NOW, SECOND, a_row


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (-5, "0s"),
        (0.9, "0s"),
        (4, "4s"),
        (62, "1m02s"),
        (460, "7m40s"),
        (7_260, "2h01m"),
        (86_399, "23h59m"),
        (3 * 86_400, "3d"),
    ],
)
def test_durations(seconds, shown):
    assert wording.duration(int(seconds * SECOND)) == shown


@given(st.integers(min_value=-(10**18), max_value=10**18))
def test_a_duration_never_needs_more_than_six_cells(microseconds):
    assert len(wording.duration(microseconds)) <= 6


def test_counts_have_separators_and_say_when_there_may_be_more():
    assert wording.count(1_204) == "1,204"
    assert wording.count(100_000, exact=False) == "100,000+"
    assert [wording.plural(1, "job"), wording.plural(3, "job")] == ["1 job", "3 jobs"]


def test_clock_times_in_a_zone():
    assert wording.clock_zone(NOW) == "22:13:20Z"
    assert wording.clock_zone(NOW, Zone("CET", 3600)) == "23:13:20 CET"
    assert wording.clock_ms(NOW + 4_000) == "22:13:20.004"


def test_moments_of_other_days_are_dates_of_at_most_eight_cells():
    assert wording.moment(NOW - SECOND, NOW) == "22:13:19"
    assert wording.moment(NOW - 86_400 * SECOND, NOW) == "13 Nov"
    assert wording.moment(NOW - 400 * 86_400 * SECOND, NOW) == "22-10-10"


@pytest.mark.parametrize(
    ("row", "note"),
    [
        (a_row(state="queued", note="queue gpu full"), "queue gpu full"),
        (a_row(state="pending", unmet=2), "after 2 jobs"),
        (a_row(state="pending", wake_at=NOW + 14_280 * SECOND), "in 3h58m"),
        (a_row(state="retrying", wake_at=NOW + 21 * SECOND, note="exit 1"), "in 21s"),
        (a_row(state="queued", cancel_at=NOW + 4 * SECOND), "cancels in 4s"),
        (a_row(state="queued", held_by="ana", note="held by ana: later"), "held by ana"),
        (a_row(state="running", unreachable_at=NOW - 41 * SECOND), "no contact 41s"),
        (
            a_row(state="running", unreachable_at=NOW - 41 * SECOND, stopping=True),
            "stopping, no contact 41s",
        ),
        (a_row(state="running", needs_operator=True), "needs you"),
        (a_row(state="failed", exit_code=137), "exit 137"),
        (a_row(state="failed", signal=9), "SIGKILL"),
        (a_row(state="failed", signal=99), "signal 99"),
        (a_row(state="timeout", signal=9, note="timeout 1s"), "timeout 1s"),
        (a_row(state="canceled", signal=15, note="canceled"), "canceled"),
        (a_row(state="failed", error_code="not_found"), "not_found"),
        (a_row(state="succeeded", exit_code=0), ""),
        (a_row(state="skipped", note="#3 failed"), "#3 failed"),
        (a_row(state="running", members={"succeeded": 1, "queued": 2}), "1/3"),
        (
            a_row(state="queued", members={"queued": 3}, cancel_at=NOW + 4 * SECOND),
            "cancels in 4s, 0/3",
        ),
        (a_row(state="queued", members={"queued": 3}, held_by="ana"), "held by ana, 0/3"),
        (a_row(state="running", members={"running": 3}, cancel_at=NOW), "canceling, 0/3"),
        (a_row(state="canceled", members={"canceled": 3}, cancel_at=NOW), "3/3"),
    ],
)
def test_the_note_is_the_most_telling_thing(row, note):
    assert wording.note_for(row, NOW) == note


def test_the_state_says_what_qualifies_it():
    row = a_row(state="running", unreachable_at=NOW - 41 * SECOND, stopping=True)
    assert wording.state_text(row, NOW) == "running, unreachable 41s, stopping"


def test_an_ended_job_shows_how_long_it_ran():
    ran = a_row(state="failed", started_at=NOW - 100 * SECOND, completed_at=NOW)
    never = a_row(state="canceled", completed_at=NOW)
    assert wording.time_in_state(ran, NOW + 9 * SECOND) == "1m40s"
    assert wording.time_in_state(never, NOW) == "-"
