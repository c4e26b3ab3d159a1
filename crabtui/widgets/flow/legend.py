"""What the signs of the bars mean."""

from collections.abc import Sequence

from crabtui.data.flows.gantt import LEGEND
from crabtui.widgets.line import Line, Part


class FlowLegend(Line):
    """One line below the bars, where there is room for one."""

    def parts(self, width: int) -> Sequence[Part]:
        return [Part(f" {LEGEND}"[:width], "muted")]
