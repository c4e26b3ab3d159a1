"""The worker under the cursor: what it has, what holds its jobs, and what runs there."""

from collections.abc import Iterator, Sequence
from textwrap import wrap

from crabtui.data import limits
from crabtui.data.glyphs import Cell
from crabtui.data.wording import age
from crabtui.widgets.text_pane import TextPane
from engine.control.views import WorkerView


class WorkerPane(TextPane):
    """Facts of one worker."""

    _worker: WorkerView | None = None
    _now_at = 0

    def show(self, worker: WorkerView | None, now_at: int) -> None:
        """Draw this worker as of `now_at`."""
        self._worker, self._now_at = worker, now_at
        self.title = f"worker {worker.name}" if worker else ""
        self.relay()

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        if self._worker is None:
            return [[(" no worker: jobs wait until there is one", "warn")]]
        return list(_lines(self._worker, max(width - 2, 20), self._now_at))


def _lines(worker: WorkerView, room: int, now_at: int) -> Iterator[list[Cell]]:
    for text in wrap("   ".join(_parts(worker, now_at)), room):
        yield [(f" {text}", "text")]
    for text in wrap(f"limits {limits.text(worker.limits)}", room):
        yield [(f" {text}", "text")]
    if worker.draining:
        for text in wrap(f"draining: no new job starts there; {_left(worker)}", room):
            yield [(f" {text}", "block")]
    for warning in worker.warnings:
        for text in wrap(warning, room):
            yield [(f" {text}", "warn")]


def _left(worker: WorkerView) -> str:
    ids = " ".join(f"#{job}" for job in worker.waits_for)
    return f"still there: {ids}" if ids else "nothing runs there any more"


def _parts(worker: WorkerView, now_at: int) -> Iterator[str]:
    yield f"{worker.health}, {worker.backend}"
    if worker.seen_at is not None and worker.backend != "local":
        yield f"heard {age(worker.seen_at, now_at)} ago"
    yield f"storage {worker.capacity.get('storage_mb', 0) / 1024:.3g}G"
    known = {"cpu_milli", "memory_mb", "gpu", "storage_mb"}
    for name, total in worker.capacity.items():
        if name not in known:
            yield f"{name} {worker.taken.get(name, 0)}/{total}"
    for index, kind in enumerate(worker.gpu_types):
        yield f"gpu {index} {kind}{' taken' if index in worker.gpus_taken else ''}"
    if worker.labels:
        yield f"labels {', '.join(worker.labels)}"
    if worker.production:
        yield "production"
