"""What surrounds a job can be gone to."""

from crabtui.widgets.panes.kin_pane import KinPane
from engine.control.views import JobDetail
from tests.crabtui.data.jobs import a_job
from tests.crabtui.data.rows import NOW, a_row
from tests.crabtui.widgets.stage import Stage, lines

AMONG = JobDetail(
    job=a_job(),
    attempts=(),
    depends_on=(a_row(12, "succeeded", name="[red]prep\x1b[2J"),),
    followers=(a_row(20, "pending"), a_row(21, "pending")),
    dependents=2,
)


async def test_the_cursor_is_on_the_jobs_around_and_enter_goes_there():
    async with Stage(KinPane(title="graph")).run_test(size=(60, 8)) as pilot:
        pane = pilot.app.widget
        pane.show(AMONG, a_row(1, "running"), NOW)
        await pilot.pause()
        assert "[red]prep" in lines(pane)[2]
        for keys in ((), ("j",), ("j", "j")):
            await pilot.press(*keys)
            pane.action_open()
            await pilot.pause()
        assert [each.job for each in pilot.app.of(KinPane.Opened)] == [12, 20, 21]
        assert [pane.is_raised(place) for place in range(7)].index(True) == 5


async def test_nobody_to_go_to():
    async with Stage(KinPane(title="graph")).run_test(size=(60, 8)) as pilot:
        pane = pilot.app.widget
        pane.show(JobDetail(job=a_job(), attempts=()), a_row(1), NOW)
        await pilot.press("j")
        pane.action_open()
        await pilot.pause()
        assert pilot.app.of(KinPane.Opened) == []
        assert not any(pane.is_raised(place) for place in range(7))
