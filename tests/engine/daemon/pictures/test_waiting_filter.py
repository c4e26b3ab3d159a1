"""The filter of a reason: it reads back, and names what its jobs have in common."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.daemon.pictures.waiting_filter import LONGEST, waiting_filter
from engine.model.filter import parse
from engine.model.ids import JobId
from engine.model.reasons import GateKind
from engine.store.protocol import Standing
from tests.engine.daemon.handlers.test_whatif import TRUE, busy
from tests.kit.engine import FakeBackend, an_engine


def standing(*, queue="gpu", priority=2, tenant="ana", shape=7):
    return Standing(queue, priority, tenant, shape, "queued", "", 3, JobId(1), 0)


@pytest.mark.parametrize("kind", list(GateKind))
def test_every_kind_has_a_filter_that_can_be_read(kind):
    text = waiting_filter("or", kind, [standing(tenant="x-1"), standing(priority=0)])
    assert "queue" in parse(text).text


def test_lanes_are_told_by_what_they_ask_for():
    found = waiting_filter("gpu", GateKind.FIT, [standing(shape=9), standing(shape=7)])
    what = "prio:normal tenant:ana shape:7,9"
    assert found == f"queue:gpu state:queued {what} held:no !kind:composite"


def test_lanes_of_several_tenants_are_alternatives():
    found = waiting_filter("gpu", GateKind.FIT, [standing(), standing(tenant="bob")])
    assert "(prio:normal tenant:ana shape:7 | prio:normal tenant:bob shape:7)" in found


def test_of_too_many_lanes_the_priorities_are_named():
    many = [standing(shape=shape) for shape in range(LONGEST)]
    found = waiting_filter("gpu", GateKind.FIT, many)
    assert found.startswith("queue:gpu state:queued prio:normal held:no")
    assert parse(found)


def test_jobs_on_hold_are_listed_by_that():
    found = waiting_filter("gpu", GateKind.HOLD, [standing()])
    assert found == "queue:gpu state:waiting held:yes !kind:composite"


async def test_each_reason_lists_just_its_jobs(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=1)) as engine:
        first, *rest = await busy(engine)
        [held] = await engine.submit({**TRUE, "hold": True})
        [after] = await engine.submit({**TRUE, "after": [first]})
        [later] = await engine.submit({**TRUE, "not_before": "1h"})
        view: Any = await engine.ask(ask.ListReasons())
        found = {}
        for reason in view.reasons:
            page: Any = await engine.ask(ask.ListJobs(where=reason.where, sort="id"))
            found[reason.kind] = [row.id for row in page.jobs]
            assert len(page.jobs) == reason.count
    assert found["fit"] == rest
    assert found["hold"] == [held]
    assert found["dependencies"] == [after]
    assert found["schedule"] == [later]
