"""The attempts of a job: a list with a cursor."""

from crabtui.data.job import attempt_lines
from crabtui.data.job.attempt_lines import Moment
from crabtui.data.wording import Zone
from crabtui.views.job.attempts_pane import AttemptsPane
from tests.crabtui.data.jobs import an_attempt
from tests.crabtui.data.rows import NOW
from tests.crabtui.widgets.stage import Stage, lines

ERROR = {"code": "exit", "message": "killed: out of memory", "fp": "9ac1f00d"}
FAILED = an_attempt(
    1, 170, 130, verdict="failed", exit_code=137, peak_memory_mb=31_949, error=ERROR
)
RUNNING = an_attempt(2, 100, None, pid=77, cpu_ms=12_500)


def text(cells):
    return "".join(part for part, _ in cells).rstrip()


def test_the_commit_in_its_workspace() -> None:
    attempt = an_attempt(1, 170, 130, gpus=(0, 1), revision="0123456789abcdef" * 2 + "01234567")
    told = [text(line).strip() for line in attempt_lines.remarks(attempt, 60)]
    assert told == ["gpu 0, 1   commit 0123456789ab"]


def test_columns_come_with_width():
    heads = {width: attempt_lines.head(width).split() for width in (50, 60, 70, 80, 100)}
    assert heads[50] == ["#", "WORKER", "STARTED", "RUN", "END", "EXIT"]
    assert [heads[width][-1] for width in (60, 70, 80, 100)] == ["MEMORY", "CPU", "LIKE", "PID"]
    for width, words in heads.items():
        assert len(attempt_lines.head(width)) <= width, words


def test_what_an_attempt_held_and_how_it_ended():
    now = Moment(NOW, Zone())
    failed = text(attempt_lines.line(FAILED, 100, now)).split()
    running = text(attempt_lines.line(RUNNING, 100, now)).split()
    assert " ".join(failed) == "1 local 22:10:30 40s failed exit 137 31.2 GB - 9ac1f00d -"
    assert " ".join(running[3:]) == "1m40s running - - 12.5 s - 77"


async def test_the_cursor_goes_over_attempts_and_opens_one():
    async with Stage(AttemptsPane(title="attempts")).run_test(size=(80, 6)) as pilot:
        pane = pilot.app.widget
        pane.show([FAILED, RUNNING], NOW, Zone())
        await pilot.pause()
        assert [line[:5].strip() for line in lines(pane)[2:4]] == ["▌ 2", "1"]
        await pilot.press("j", "j")
        pane.action_open()
        await pilot.pause()
        assert pilot.app.of(AttemptsPane.Opened)[-1].attempt == 1
        assert "▌ 1" in lines(pane)[3]
        pane.show([FAILED, RUNNING, an_attempt(3, 10, None)], NOW, Zone())
        assert pane.chosen == 1
        await pilot.press("k", "k")
        pane.action_open()
        await pilot.pause()
        assert pilot.app.of(AttemptsPane.Opened)[-1].attempt == 3


async def test_the_newest_is_chosen_until_another_is():
    async with Stage(AttemptsPane(title="attempts")).run_test(size=(80, 6)) as pilot:
        pane = pilot.app.widget
        pane.show([], NOW, Zone())
        assert pane.chosen is None
        await pilot.press("j")
        pane.action_open()
        await pilot.pause()
        pane.show([FAILED], NOW, Zone())
        pane.show([FAILED, RUNNING], NOW, Zone())
        assert pane.chosen == 2
        assert pilot.app.of(AttemptsPane.Opened) == []
