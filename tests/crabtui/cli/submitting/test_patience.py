"""Waiting for room: sent again until it is let in, and not when that can never be."""

from pathlib import Path

import pytest

from crabtui.cli.submitting.patience import LEAST_S, MOST_S, patiently
from engine.control.messages import Submit, SubmitArray
from engine.control.views import CreatedJob, Submitted
from engine.errors import EngineError, InvalidSpec, NotAdmitted, QueueFull, RateExceeded
from tests.crabtui.cli.conftest import Crab
from tests.kit.fake_door import FakeDoor

DONE = Submitted(count=1, ids=((7, 7),), jobs=(CreatedJob(id=7, created=True),))


def refusing(*refusals: EngineError, then: Submitted = DONE):  # type: ignore[no-untyped-def]
    """An answer that refuses so often first."""
    left = list(refusals)

    def answer(_: object) -> object:
        return left.pop(0) if left else then

    return answer


@pytest.fixture
def waits(door: FakeDoor, crab: Crab, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was waited; nobody does."""
    waited: list[float] = []
    monkeypatch.setattr(patiently, "__kwdefaults__", {"sleep": waited.append, "chance": _half})
    return waited


def _half() -> float:
    return 0.5


def test_it_is_sent_again_until_it_is_let_in(
    crab: Crab, door: FakeDoor, waits: list[float]
) -> None:
    full = QueueFull("queue q is full: 10 of 10", field="queue", retry_after_s=8.0)
    door.answers[Submit] = refusing(
        full,
        QueueFull("queue q is full: 11 of 10", field="queue", retry_after_s=4000.0),
        RateExceeded("too fast", field="tenant", retry_after_s=0.0),
    )
    ran = crab("submit", "--wait-for-room", "true")
    assert (ran.code, ran.out) == (0, "#7\n")
    assert waits == [8 * 1.125, MOST_S * 1.125, LEAST_S * 1.125]
    assert ran.err == (
        "crabtui: queue q is full: 10 of 10; waiting for room, next try in 8s\n"
        "crabtui: too fast; waiting for room, next try in 1s\n"
    )
    assert len({ask.request_key for ask in door.asked(Submit)}) == 1


def test_an_array_is_read_once_and_sent_again(
    crab: Crab, door: FakeDoor, waits: list[float], tmp_path: Path
) -> None:
    file = tmp_path / "lines"
    file.write_text("a\nb\n")
    full = QueueFull("full", retry_after_s=1.0)
    door.answers[SubmitArray] = refusing(full, then=Submitted(count=3, ids=((7, 9),)))
    ran = crab("submit", "--lines", str(file), "--wait-for-room", "echo", "{line}")
    assert ran.out == "#7 (array of 2 jobs)\n"
    assert [ask.lines for ask in door.asked(SubmitArray)] == [("a", "b")] * 2


@pytest.mark.parametrize(
    "refusal", [NotAdmitted("never so many", field="queue"), InvalidSpec("bad", field="x")]
)
def test_what_can_never_come_in_is_not_tried_again(
    crab: Crab, door: FakeDoor, waits: list[float], refusal: EngineError
) -> None:
    door.answers[Submit] = refusal
    ran = crab("submit", "--wait-for-room", "true")
    assert ran.code != 0
    assert refusal.message in ran.err
    assert (waits, len(door.asked(Submit))) == ([], 1)


def test_without_the_flag_nobody_waits(crab: Crab, door: FakeDoor, waits: list[float]) -> None:
    door.answers[Submit] = QueueFull("full", retry_after_s=1.0)
    assert crab("submit", "true").code == 3
    assert waits == []
