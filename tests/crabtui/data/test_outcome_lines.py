"""What jobs left and came to, as lines: whole, harmless, without secrets."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crabtui.data.files import text_of_file
from crabtui.data.fitting import cells
from crabtui.data.job import artifact_lines, context_lines
from crabtui.data.job.job_context import JobContext
from crabtui.data.wording import UTC_ZONE
from engine.control.views import ArtifactsView, ArtifactView, CollectionView, ResultView

S = 1_000_000
NOW = 1_795_000_000 * S


def text_of(lines):
    return "\n".join("".join(text for text, _ in line) for line in lines)


@given(name=st.text(max_size=90), size=st.integers(0, 2**50), width=st.integers(60, 200))
def test_a_file_has_one_line_whatever_it_is_called(name, size, width):
    one = ArtifactView(
        id=1,
        job=2,
        attempt="2-1-1",
        name=name,
        type="junit",
        path="x",
        sha="ab" * 32,
        size=size,
        at=NOW,
    )
    line = artifact_lines.line(one, width, NOW, UTC_ZONE, here=True)
    text = "".join(part for part, _ in line)
    assert "\x1b" not in text
    assert "\n" not in text
    assert cells(text) <= width


@pytest.mark.parametrize(
    ("state", "said"), [("owed", "to be collected"), ("kept", "collected"), ("lost", "lost")]
)
def test_what_is_still_to_come_is_told(state, said):
    found = ArtifactsView(
        artifacts=(),
        collections=(
            CollectionView(attempt="2-1-1", worker="w", state=state, at=1, missing=("cov",)),
        ),
        reused=7,
    )
    told = text_of(artifact_lines.below(found, 80))
    assert said in told
    assert "not there: cov" in told
    assert "#7" in told


def test_results_are_whole_and_without_secrets():
    own = ResultView(
        id=1, state="succeeded", has_result=True, result={"token": "s3cret", "n": [1] * 40}
    )
    told = text_of(context_lines.lines(JobContext(job=1, own=own), 80))
    assert "s3cret" not in told
    assert told.count("1") >= 40
    null = ResultView(id=1, state="succeeded", has_result=True, result=None)
    assert "null" in text_of(context_lines.lines(JobContext(job=1, own=null), 80))
    none = text_of(context_lines.lines(JobContext(job=1), 80))
    assert "it is in no workflow" in none
    assert "it has said nothing itself" in none


def test_a_file_that_is_no_text_is_not_shown():
    assert "no text" in text_of(text_of_file.lines(b"\x7fELF\0\0", 6))
    shown = text_of(text_of_file.lines(b"a\r\n\x1b[2Jb\n", 9))
    assert "\x1b" not in shown
    assert shown.split("\n")[0] == " a"
    assert "brings all" in text_of(text_of_file.lines(b"abc", 4_000))
