"""Refusals with their hint, queues under pressure, and tenants, on the command line."""

import json

from engine.control.messages import ListQueues, ListTenants, SetQueue, Submit
from engine.control.views import Acted, QueuesView, Result, TenantsView, TenantView
from engine.errors import QueueFull
from tests.crabtui.cli.conftest import Crab
from tests.kit.answers import a_queue
from tests.kit.fake_door import FakeDoor


def test_a_refused_submission_says_why_and_when_to_try_again(
    crab: Crab, door: FakeDoor
) -> None:
    door.answers[Submit] = QueueFull("queue default is full", retry_after_s=12.4)
    ran = crab("submit", "true")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "crabtui: queue default is full; try again in 13s\n"
    told = json.loads(crab("submit", "--json", "true").err)["error"]
    assert (told["code"], told["retry_after_s"]) == ("queue_full", 12.4)


def test_queues_under_pressure(crab: Crab, door: FakeDoor) -> None:
    gpu = a_queue(
        "gpu",
        limit=4,
        limit_from="config",
        queued=70,
        pending=12,
        mode="high",
        max_depth=100,
        rate="10/s",
        starts_per_min=7,
        ends_per_min=5,
    )
    door.answers[ListQueues] = QueuesView(
        queues=(gpu,), mode="moderate", depth=600, max_depth=1_000
    )
    _, row, whole = crab("queues").out.splitlines()
    note = "mode high, starts 10/s at most"
    assert " ".join(row.split()) == f"gpu 0 4 (config) 1 70 0 12 82/100 - 7 5 {note}"
    assert whole == "all queues: 600/1000 jobs wait, mode moderate"


def test_a_reset_is_asked_for(crab: Crab, door: FakeDoor) -> None:
    done = Result(id="gpu", ok=True, was="limit 2, weight 1", now="limit 8, weight 1")
    door.answers[SetQueue] = Acted(results=(done,), matched=1)
    assert crab("queues", "reset", "gpu").out == "gpu limit 2, weight 1 → limit 8, weight 1\n"
    assert door.asked(SetQueue) == [SetQueue(name="gpu", reset=True)]


def test_tenants(crab: Crab, door: FakeDoor) -> None:
    ana = TenantView(
        tenant="ana",
        namespace=None,
        weight=3,
        share=0.25,
        running=2,
        queued=4,
        taken={"cpu_milli": 1500},
        quota={"queued": 10, "cpu_milli": 4000},
    )
    door.answers[ListTenants] = TenantsView(tenants=(ana,))
    _, row = crab("tenants").out.splitlines()
    assert row.split() == ["ana", "3", "25%", "2", "4/10", "1.5/4", "0"]
    told = json.loads(crab("tenants", "--json").out)
    assert told["tenants"][0]["quota"] == {"queued": 10, "cpu_milli": 4000}
