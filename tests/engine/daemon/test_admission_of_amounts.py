"""What one job asks for against the whole quota of its tenant, or of a namespace."""

from pathlib import Path
from typing import Any

import pytest

from engine.control import messages as ask
from engine.control.messages import Targets
from engine.control.views import Acted
from engine.errors import InvalidSpec
from engine.model.rules import Quota, Rules, TenantRules
from tests.kit.engine import FakeBackend, an_engine

RULES = Rules(
    tenants={
        "ana": TenantRules(quota=Quota(cpu_milli=1000, gpu=1)),
        "ben": TenantRules(namespaces={"lab": Quota(cpu_milli=1500)}),
    }
)


def job(**fields: object) -> dict[str, object]:
    return {"command": ["true"], "hold": True, **fields}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"tenant": "ana", "cpu": 2}, "asks 2 cpu; tenant ana may have at most 1 cpu at once"),
        ({"tenant": "ana", "gpus": 2}, "asks 2 gpu; tenant ana may have at most 1 gpu at once"),
        (
            {"tenant": "ben", "namespace": "lab", "cpu": 2},
            "asks 2 cpu; namespace lab of tenant ben may have at most 1.5 cpu at once",
        ),
    ],
)
@pytest.mark.parametrize("count", [1, 150, None])
async def test_more_than_the_whole_quota_is_refused(
    tmp_path: Path, asked: dict[str, object], said: str, count: int | None
) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8, gpus=4)) as engine:
        engine.desk.working_set.set_rules(RULES)
        request = (
            ask.Submit(jobs=(job(**asked),) * count)
            if count
            else ask.SubmitArray(job=job(**asked), values=("1-3",))
        )
        with pytest.raises(InvalidSpec, match=said) as refused:
            await engine.ask(request)
        assert "never run" in refused.value.message
        assert refused.value.nearest in ("1", "1.5")
        assert await engine.submit(job(tenant="ana"), job(tenant="ben", cpu=2))


async def test_copies_and_edits_are_refused_too(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        [id_] = await engine.submit(job(tenant="ana"))
        engine.desk.working_set.set_rules(RULES)
        with pytest.raises(InvalidSpec, match="at most 1 cpu"):
            await engine.ask(ask.Clone(id=id_, changes={"cpus": 2}))
        answer = await engine.ask(ask.Edit(targets=Targets(ids=(id_,)), changes={"cpus": 2}))
        assert isinstance(answer, Acted)
        assert "at most 1 cpu" in str(answer.results[0].error)


async def test_a_quota_that_was_lowered_says_never_and_what_helps(tmp_path: Path) -> None:
    async with an_engine(tmp_path, FakeBackend(cpus=8)) as engine:
        await engine.ask(ask.SetQueue(name="default", pause=True))
        [id_] = await engine.submit({"command": ["true"], "tenant": "ana", "cpu": 2})
        engine.desk.working_set.set_rules(RULES)
        view: Any = await engine.ask(ask.Explain(id=id_))
        [gate] = [one for one in view.gates if one.kind == "quota"]
        assert gate.text == "tenant `ana` may never have more than 1 cpu; it asks 2 cpu"
        assert gate.remedy == f"crabtui edit {id_} --cpus 1"
        answer = await engine.ask(ask.Edit(targets=Targets(ids=(id_,)), changes={"cpus": 1}))
        assert isinstance(answer, Acted)
        assert answer.results[0].ok
