"""What is told of the task under the cursor, or of the run, below its tasks."""

from collections.abc import Sequence

from crabtui.data.flows import facts as flow_facts
from crabtui.data.glyphs import Cell
from crabtui.data.wording import UTC_ZONE, Zone
from crabtui.widgets.panes.text_pane import TextPane
from engine.control.views import FlowDetail, TaskView


class FlowChosen(TextPane, can_focus=False):
    """A few lines, anew for each move of the cursor."""

    DEFAULT_CSS = """
    FlowChosen { height: 6; }
    """

    _detail: FlowDetail | None = None
    _chosen_task: TaskView | None = None
    _why = ""
    _now_at = 0
    _zone: Zone = UTC_ZONE

    def show(
        self, detail: FlowDetail, task: TaskView | None, why: str, now_at: int, zone: Zone
    ) -> None:
        """Tell of the task, or of the run without one; `why` it waits."""
        self._detail, self._chosen_task, self._why = detail, task, why
        self._now_at, self._zone = now_at, zone
        self.title = f"#{task.id} {task.task}" if task is not None else "the run"
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._detail is None:
            return ()
        task, scene = self._chosen_task, (width, self._now_at, self._zone)
        if task is None:
            return flow_facts.lines_of_flow(self._detail, *scene)
        return flow_facts.lines_of_task(task, *scene, self._why)
