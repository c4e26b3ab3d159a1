"""Events as lines: what the scheduler did is read as sentences, with times as spoken."""

import pytest

from crabtui.data.events.lines import INDENT, lines
from engine.model.events import Event, EventType
from engine.model.ids import JobId, Seq

AT = 1_700_000_000 * 1_000_000


def told(kind, cause="", **data):
    event = Event(seq=Seq(1), at=AT, type=kind, job=JobId(7), cause=cause, data=data)
    return "".join(text for text, _ in lines(event, 200)[0])


def test_a_displaced_job_says_for_whom_it_made_room():
    line = told(EventType.JOB_DISPLACED, "makes room for critical #9 on `local`")
    assert "◍ displaced" in line
    assert "makes room for critical #9" in line


def test_an_inversion_says_whom_it_waits_for_and_how_long_it_did():
    waits = "waits for low #3, which has goal x"
    began = told(EventType.INVERSION_BEGAN, waits, holder=3, lock="goal x", since_at=AT)
    assert "! inverted" in began
    assert began.endswith(waits)
    ended = told(EventType.INVERSION_ENDED, "waits no longer", since_at=AT, held_ms=190_000)
    assert "since 22:13:20" in ended
    assert "held 3m10s" in ended


@pytest.mark.parametrize("kind", [EventType.JOB_BLOCKED, EventType.QUEUE_MODE])
def test_what_the_cause_says_is_not_said_twice(kind):
    assert told(kind, "gpu normal → high: 80 of 100 jobs wait", depth=80).count("80") == 1


def test_an_edit_says_from_what_to_what():
    line = told(EventType.JOB_EDITED, changes={"resources.cpu_milli": [1000, 2000]})
    assert "cpu_milli 1000 → 2000" in line


OF_JOBS = ("job.", "attempt.", "inversion.", "array.", "workflow.", "artifacts.")


@pytest.mark.parametrize("kind", [kind for kind in EventType if kind.startswith(OF_JOBS)])
def test_causes_stand_below_each_other(kind):
    cut = told(kind, "CAUSE")
    assert cut.index("CAUSE") <= INDENT + 1


def test_what_a_cron_did_says_when_it_was_due_as_people_say_it():
    line = told(EventType.CRON_FIRED, "cron `nightly`", cron="nightly", at=AT)
    assert line.endswith("cron `nightly`  due 22:13:20")
