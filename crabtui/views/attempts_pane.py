"""The attempts of a job, newest first: when, where, how they ended."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from crabtui.data import limits
from crabtui.data.glyphs import Cell, Token
from crabtui.data.timeline_bars import was_displaced
from crabtui.data.wording import Zone, clock, duration, exit_text
from crabtui.widgets.text_pane import TextPane
from engine.control.views import AttemptView

HEAD = f"   {'WORKER':<10} {'STARTED':<9} {'RUN':>6}  {'PID':>7}  {'END':<11} EXIT"


class AttemptsPane(TextPane):
    """One line for each attempt."""

    _attempts: tuple[AttemptView, ...] = ()
    _now_at = 0
    _zone = Zone()

    def show(self, attempts: Sequence[AttemptView], now_at: int, zone: Zone) -> None:
        """Draw these attempts, given oldest first; also to let time pass."""
        self._attempts, self._now_at, self._zone = tuple(attempts), now_at, zone
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if not self._attempts:
            return [[(" no attempt yet", "muted")]]
        lines = [
            line for each in reversed(self._attempts) for line in self._lines_of(each, width)
        ]
        return [[(f" #{HEAD[2:]}", "muted")], *lines]

    def _lines_of(self, attempt: AttemptView, width: int) -> list[list[Cell]]:
        began = attempt.started_at
        ended = attempt.completed_at
        took = duration((ended or self._now_at) - began) if began else "-"
        end = "displaced" if was_displaced(attempt) else attempt.verdict or attempt.phase
        code = exit_text(attempt.exit_code, attempt.signal)
        text = (
            f" {attempt.number:<2}{attempt.worker_id[:10]:<10} "
            f"{clock(began, self._zone) if began else '-':<9} {took:>6}  "
            f"{attempt.pid or '-':>7}  "
        )
        token: Token = "bad" if end in ("failed", "timeout", "lost", "unspawned") else "text"
        line: list[Cell] = [(text, "text"), (f"{end:<11} ", token), (code or "-", token)]
        message = str((attempt.error or {}).get("message", ""))
        more: list[list[Cell]] = [[("   " + message[: width - 4], "bad")]] if message else []
        held: list[list[Cell]] = [[(f"   {text}", "muted")] for text in _held(attempt, width)]
        return [line, *held, *more]


def _held(attempt: AttemptView, width: int) -> Iterator[str]:
    """Its devices, what holds it to what it asked for, and the commit in its workspace."""
    devices = ", ".join(map(str, attempt.gpus))
    parts = [f"gpu {devices}"] if devices else []
    if attempt.limits:  # else it asked for no memory, or nothing can hold it to that
        parts.append(f"limits: {limits.text(attempt.limits)}")
    if attempt.revision:
        parts.append(f"commit {attempt.revision[:12]}")
    yield from wrap("   ".join(parts), max(width - 4, 20))
