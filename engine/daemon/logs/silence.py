"""A log that is followed while its host says nothing: how long that is borne, what is told."""

from typing import Final

from engine.control.views import LogChunk
from engine.daemon.desk import Desk
from engine.errors import EngineError, LinkRefused
from engine.model.attempt import Attempt

UNTOLD_S: Final = 1.0
"""A shorter silence is nobody's business."""

MOST_S: Final = 60.0
"""For the log of an attempt that has ended; one that may still run is waited for."""

LEAST_S: Final = 5.0
"""The same, where the job goes on in a newer attempt, or no retry reaches the host."""


class Silence:
    """How long the host of an attempt has not answered for its log."""

    def __init__(self, desk: Desk, attempt: Attempt) -> None:
        self._desk = desk
        self._attempt = attempt
        self._began_s: float | None = None
        self._is_told = False

    def ends(self) -> None:
        """It has answered."""
        self._began_s, self._is_told = None, False

    def goes_on(self, error: EngineError) -> LogChunk | None:
        """It did not answer, for this reason; what to tell of that, if anything.

        The first word of a silence comes once it lasts; the last is final.
        """
        now_s, worker = self._desk.clock.monotonic(), self._attempt.worker
        self._began_s = now_s if self._began_s is None else self._began_s
        lasts_s = now_s - self._began_s
        if self._is_over() and lasts_s >= self._most_s(error):
            what = f"what attempt {self._attempt.id} wrote last"
            return self._said(f"{what} is out of reach on `{worker}`: {error}", is_final=True)
        if self._is_told or lasts_s < UNTOLD_S:
            return None
        self._is_told = True
        return self._said(f"no link to `{worker}` ({error}); going on when it is back")

    def _is_over(self) -> bool:
        return self._attempt.id not in self._desk.working_set.live.by_attempt

    def _most_s(self, error: EngineError) -> float:
        goes_on = self._attempt.job in self._desk.working_set.live.by_job
        return LEAST_S if goes_on or isinstance(error, LinkRefused) else MOST_S

    def _said(self, text: str, *, is_final: bool = False) -> LogChunk:
        return LogChunk(
            data=b"",
            offset=0,
            size=0,
            dropped=0,
            attempt=self._attempt.id,
            final=is_final,
            waits=text,
        )
