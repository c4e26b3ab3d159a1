"""Handlers: attached by name, called in order, and unable to hurt anybody."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from msgspec.structs import replace

from engine.errors import InvalidSpec
from engine.model.ids import Seq
from engine.model.signals import NAMES, Signal
from engine.telemetry import Telemetry


def a_signal(name: str = "job.completed", **metadata: object) -> Signal:
    return Signal(name=name, measurements={"count": 1}, metadata=metadata, at=1_000, seq=Seq(7))


@dataclass
class Heard:
    """A handler that keeps what it was told."""

    all: list[tuple[str, dict[str, object]]] = field(default_factory=list)

    def __call__(
        self, name: str, _: Mapping[str, int | float], metadata: Mapping[str, object]
    ) -> None:
        self.all.append((name, dict(metadata)))

    @property
    def names(self) -> list[str]:
        return [name for name, _ in self.all]


def broken(*_: object) -> None:
    raise RuntimeError("mine")


def test_a_handler_hears_its_event_and_no_other() -> None:
    telemetry, heard = Telemetry(), Heard()
    telemetry.attach("h", "job.completed", heard)
    telemetry.emit(a_signal("job.completed", job_id=3))
    telemetry.emit(a_signal("job.failed"))
    assert heard.all == [("job.completed", {"job_id": 3})]


def test_a_pattern_is_all_that_match() -> None:
    telemetry, heard = Telemetry(), Heard()
    telemetry.attach_many("h", ("queue.*", "job.started", "queue.enqueue"), heard)
    for name in NAMES:
        telemetry.emit(a_signal(name))
    assert heard.names == ["job.started", "queue.enqueue", "queue.dequeue", "queue.overflow"]


@pytest.mark.parametrize("event", ["job.complete", "jobs.*", "", "crucible.work.completed"])
def test_a_handler_that_would_match_no_event_is_refused(event: str) -> None:
    telemetry = Telemetry()
    with pytest.raises(InvalidSpec, match="no event is called"):
        telemetry.attach("h", event, broken)
    assert not telemetry.detach("h")


def test_the_nearest_event_is_named() -> None:
    with pytest.raises(InvalidSpec) as refused:
        Telemetry().attach("h", "job.complete", broken)
    assert refused.value.nearest == "job.completed"


def test_of_several_events_all_or_none_are_attached() -> None:
    telemetry, heard = Telemetry(), Heard()
    with pytest.raises(InvalidSpec):
        telemetry.attach_many("h", ("job.completed", "job.compleat"), heard)
    telemetry.emit(a_signal())
    assert heard.all == []


def test_no_event_at_all_is_refused() -> None:
    with pytest.raises(InvalidSpec, match="no event"):
        Telemetry().attach_many("h", (), broken)


def test_a_name_is_taken_once() -> None:
    telemetry = Telemetry()
    telemetry.attach("h", "job.*", Heard())
    with pytest.raises(InvalidSpec, match="attached already"):
        telemetry.attach("h", "job.*", Heard())


def test_what_nobody_would_await_is_refused() -> None:
    async def handler(*_: object) -> None: ...

    with pytest.raises(InvalidSpec, match="async"):
        Telemetry().attach("h", "job.*", handler)


def test_detached_handlers_hear_nothing_and_others_go_on() -> None:
    telemetry, one, other = Telemetry(), Heard(), Heard()
    telemetry.attach("one", "job.*", one)
    telemetry.attach("other", "job.*", other)
    assert telemetry.detach("one")
    assert not telemetry.detach("one")
    telemetry.emit(a_signal())
    assert (one.names, other.names) == ([], ["job.completed"])


def test_a_handler_that_fails_hurts_nobody_and_stays(caplog: pytest.LogCaptureFixture) -> None:
    telemetry, heard = Telemetry(), Heard()
    telemetry.attach("broken", "*", broken)
    telemetry.attach("heard", "*", heard)
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            telemetry.emit(a_signal())
    assert heard.names == ["job.completed"] * 3
    assert telemetry.failures == {"broken": 3}
    assert len([r for r in caplog.records if "broken" in r.getMessage()]) == 1


def test_a_handler_cannot_change_what_the_next_one_hears() -> None:
    def greedy(
        _: str, measurements: Mapping[str, float], metadata: Mapping[str, object]
    ) -> None:
        metadata["job_id"] = 9  # type: ignore[index]

    telemetry, heard = Telemetry(), Heard()
    telemetry.attach("greedy", "*", greedy)
    telemetry.attach("heard", "*", heard)
    telemetry.emit(a_signal(job_id=3))
    assert heard.all == [("job.completed", {"job_id": 3})]
    assert telemetry.failures == {"greedy": 1}


def test_middleware_filters_and_rewrites_in_order() -> None:
    telemetry, heard = Telemetry(), Heard()
    telemetry.use(lambda signal: None if signal.name == "job.queued" else signal)
    telemetry.use(lambda signal: replace(signal, metadata={**signal.metadata, "site": "a"}))
    telemetry.attach("h", "*", heard)
    telemetry.emit(a_signal("job.queued"))
    telemetry.emit(a_signal("job.started", job_id=1))
    assert heard.all == [("job.started", {"job_id": 1, "site": "a"})]


def test_middleware_that_fails_is_passed_by() -> None:
    telemetry, heard = Telemetry(), Heard()
    telemetry.use(broken)  # type: ignore[arg-type]
    telemetry.attach("h", "*", heard)
    telemetry.emit(a_signal())
    assert heard.names == ["job.completed"]
    assert telemetry.failures == {"broken": 1}


def test_the_console_logger_writes_a_line(caplog: pytest.LogCaptureFixture) -> None:
    telemetry = Telemetry()
    telemetry.attach_console_logger()
    with caplog.at_level(logging.INFO):
        telemetry.emit(a_signal(job_id=3))
    assert caplog.messages == ["job.completed count=1 job_id=3"]
