"""Going to what wants attention, and choosing how far back the Pulse view shows."""

from typing import TYPE_CHECKING, Final

from crabtui.addresses import Address, parse_address
from crabtui.dialogs.picker import Choice, Picker
from crabtui.views.pulse.pulse import PulseView
from engine.errors import InvalidSpec
from engine.model.attention import Matter

if TYPE_CHECKING:
    from crabtui.desk import Desk

MINUTE_MS: Final = 60_000
RANGES: Final = {
    "15m": 15 * MINUTE_MS,
    "1h": 60 * MINUTE_MS,
    "6h": 360 * MINUTE_MS,
    "24h": 1_440 * MINUTE_MS,
}


class Minding:
    """What the Pulse view leads to."""

    def __init__(self, app: "Desk") -> None:
        self._app = app

    def do_open_matter(self) -> None:
        """Go to what the matter under the cursor is about."""
        view = self._view()
        if view is not None and view.matter is not None:
            self._jump(view.matter)

    def do_open_here(self) -> None:
        """Go to what the row under the cursor is about."""
        if (view := self._view()) is not None:
            view.do_open()

    def do_pick_range(self) -> None:
        """Ask how far back the trends reach."""
        self._app.run_act(self._pick_range())

    async def _pick_range(self) -> None:
        view = self._view()
        if view is None:
            return
        chosen = next((name for name, ms in RANGES.items() if ms == view.range_ms), "")
        choices = [
            Choice(name, name, f"the last {name}", str(number))
            for number, name in enumerate(RANGES, 1)
        ]
        picker = Picker(
            "How far back?", choices, chosen=chosen, ascii_only=self._app.ascii_only
        )
        picked = await self._app.push_screen_wait(picker)
        if picked is not None:
            view.look_back(RANGES[picked])

    def _jump(self, matter: Matter) -> None:
        try:
            place = parse_address(matter.jump)
        except InvalidSpec:
            place = Address(view=matter.jump.partition("/")[0].partition("?")[0])
        self._app.travel.visit(place)

    def _view(self) -> PulseView | None:
        body = self._app.front.body
        return body if isinstance(body, PulseView) else None
