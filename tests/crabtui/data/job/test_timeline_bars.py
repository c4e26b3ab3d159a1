"""The picture of a job's life: what is drawn, and that it always fits."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.job import timeline_bars
from crabtui.data.wording import Zone
from engine.control.views import JobDetail, UsualTimes
from tests.crabtui.data.jobs import a_job, a_retried_job, an_attempt
from tests.crabtui.data.rows import NOW, SECOND


def drawn(detail, width=80, zone=Zone()):  # noqa: B008 - frozen
    lines = timeline_bars.lines(detail, width, NOW, zone)
    return ["".join(text for text, _ in line) for line in lines]


def test_waiting_attempts_and_pauses_in_order():
    labels = [bar.label for bar in timeline_bars.bars(a_retried_job(), NOW)]
    assert labels == ["queued", "#1 local", "backoff", "#2 local"]


def test_a_job_between_two_attempts_says_when_it_goes_on():
    job = a_job(state="retrying", wake_at=NOW + 20 * SECOND)
    failed = an_attempt(1, 170, 130, verdict="failed", exit_code=1)
    last = timeline_bars.bars(JobDetail(job=job, attempts=(failed,)), NOW)[-1]
    assert (last.label, last.remark, last.end_at) == ("backoff", "again in 20s", NOW)


def test_a_run_of_a_workflow_waits_no_more_once_a_task_has_started():
    job = a_job(kind="composite", state="running", started_at=NOW - 50 * SECOND)
    waited, runs = timeline_bars.bars(JobDetail(job=job, attempts=()), NOW)
    assert (waited.label, waited.end_at) == ("queued", job.started_at)
    assert (runs.label, runs.start_at, runs.end_at, runs.end) == (
        "its jobs",
        job.started_at,
        NOW,
        "►",
    )


def test_a_run_of_a_workflow_that_was_canceled_ended_so():
    times = {"started_at": NOW - 50 * SECOND, "completed_at": NOW - 9 * SECOND}
    job = a_job(kind="composite", state="canceled", note="7 of 9 canceled", **times)
    waited, ran = timeline_bars.bars(JobDetail(job=job, attempts=()), NOW)
    assert (waited.remark, ran.remark) == ("", "7 of 9 canceled")
    assert (ran.end, ran.end_at) == ("‒", NOW - 9 * SECOND)


def test_a_displaced_attempt_says_for_whom_and_the_job_is_queued_again():
    error = {"category": "canceled", "code": "displaced", "message": "it made room for #72"}
    gone = an_attempt(1, 170, 130, verdict="canceled", signal=15, error=error)
    found = timeline_bars.bars(JobDetail(job=a_job(state="queued"), attempts=(gone,)), NOW)
    assert [bar.label for bar in found] == ["queued", "#1 local", "queued"]
    assert found[1].remark == "it made room for #72"


def test_an_unreachable_attempt_is_in_doubt():
    attempt = an_attempt(1, 100, None)
    attempt = type(attempt)(
        **{
            **{name: getattr(attempt, name) for name in attempt.__struct_fields__},
            "phase": "unreachable",
        }
    )
    bar = timeline_bars.bars(JobDetail(job=a_job(), attempts=(attempt,)), NOW)[-1]
    assert (bar.end, bar.end_token) == ("?", "warn")


def test_ticks_are_round_times_of_the_shown_zone():
    assert "22:10" in drawn(a_retried_job())[0]
    assert "23:40" in drawn(a_retried_job(), zone=Zone("IST", 5_400))[0]


def test_a_job_that_has_just_come_has_a_picture():
    lines = drawn(JobDetail(job=a_job(state="queued", created_at=NOW), attempts=()))
    assert "░" in lines[2]


def test_an_ended_job_has_no_now():
    done = an_attempt(1, 100, 50, verdict="succeeded", exit_code=0)
    job = a_job(state="succeeded", completed_at=NOW - 50 * SECOND)
    lines = drawn(JobDetail(job=job, attempts=(done,)))
    assert not any("now" in line for line in lines)
    assert "✓" in lines[-1]


def running(p50_s):
    usual = UsualTimes(p50_ms=p50_s * 1000, p90_ms=p50_s * 2000, runs=9)
    job = a_job(created_at=NOW - 100 * SECOND)
    return JobDetail(job=job, attempts=(an_attempt(1, 100, None),), usual=usual)


def test_a_running_job_has_its_usual_rest_ahead():
    lines = drawn(running(150), 120)
    bar = lines[-1]
    assert (
        bar.count("▒") == bar.count("▇") // 2 or abs(bar.count("▒") * 2 - bar.count("▇")) <= 3
    )
    assert bar.rstrip().endswith("1m40s  ~50s left")
    assert lines[1].index("now") == bar.index("►") + 2


def test_a_job_with_most_of_its_time_ahead_is_still_seen():
    bar = drawn(running(100_000), 120)[-1]
    assert bar.count("▇") + 1 >= bar.count("▒") - 1 > 10


def test_a_job_that_takes_longer_than_usual_says_so():
    bar = drawn(running(60), 120)[-1]
    assert "▒" not in bar
    assert bar.rstrip().endswith("~40s over")


@given(
    st.integers(30, 200),
    st.lists(st.tuples(st.integers(0, 10**7), st.integers(-50, 10**7)), max_size=6),
    st.integers(-(10**4), 10**9),
)
def test_every_picture_fits_its_width(width, spans, created_s):
    """Clocks may go back, so nothing is sure about the order of instants."""
    attempts = tuple(
        an_attempt(n, start, start - length, verdict="failed", exit_code=1)
        for n, (start, length) in enumerate(spans, 1)
    )
    job = a_job(created_at=NOW - created_s * SECOND)
    for line in drawn(JobDetail(job=job, attempts=attempts), width)[1:]:
        assert len(line.rstrip()) <= max(width, 36)
