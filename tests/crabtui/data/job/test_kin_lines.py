"""What surrounds a job."""

from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.fitting import cells
from crabtui.data.job import kin_lines
from engine.control.views import JobDetail
from tests.crabtui.data.jobs import a_job
from tests.crabtui.data.rows import NOW, a_row


def drawn(detail, width=60):
    this = a_row(1, "queued", name="train 15")
    found = list(kin_lines.lines(detail, this, width, NOW))
    return ["".join(text for text, _ in line.cells) for line in found], [
        line.job for line in found
    ]


def test_a_job_among_its_kin():
    detail = JobDetail(
        job=a_job(array=9, parent_id=None),
        attempts=(),
        depends_on=(a_row(12, "succeeded", name="prep"), a_row(13, "running", name="fetch")),
        followers=(a_row(20, "pending", name="eval"), a_row(21, "pending", name="report")),
        dependents=16,
    )
    lines, jobs = drawn(detail)
    assert [line.split()[:4] for line in lines] == [
        ["needs", "2", "jobs,", "1"],
        ["├", "✓", "#12", "prep"],
        ["├", "●", "#13", "fetch"],
        ["▼"],
        ["○", "#1", "train", "15"],
        ["├►", "◌", "#20", "eval"],
        ["└►", "◌", "#21", "report"],
        ["and", "14", "more", "jobs"],
        ["member", "of", "array", "#9"],
    ]
    assert jobs == [None, 12, 13, None, None, 20, 21, None, 9]


def test_a_job_alone_says_so():
    lines, jobs = drawn(JobDetail(job=a_job(), attempts=()))
    assert "none needs it" in lines[-1]
    assert jobs == [None, None]


@given(st.integers(30, 200), st.text(max_size=300))
def test_no_job_is_wider_than_its_room(width, name):
    detail = JobDetail(job=a_job(), attempts=(), followers=(a_row(20, name=name, note=name),))
    for line in kin_lines.lines(detail, a_row(1, name=name), width, NOW):
        assert sum(cells(text) for text, _ in line.cells) <= max(width, 45)
