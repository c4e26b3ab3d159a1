"""Orders: what a job begins with depends on whose host it runs on."""

import pytest
from msgspec.structs import replace

from engine.backends.protocol import Order
from engine.ledger.attempts.orders import Orders
from engine.ledger.memory.live import Live
from engine.model.attempt import Attempt
from engine.model.ids import AttemptId, Epoch, JobId
from engine.model.spec import Command, Surroundings
from engine.model.states import Phase
from engine.model.worker import Worker
from engine.model.workspaces import Workspace
from tests.kit.build import a_job

HERE = Surroundings(
    cwd="/home/ana/work",
    env={"HOME": "/home/ana", "PATH": "/home/ana/bin", "LANG": "de_DE.UTF-8", "TZ": "UTC",
         "VIRTUAL_ENV": "/home/ana/venv", "LC_ALL": "C", "TOKENS": "7"},
)  # fmt: skip
THERE = Worker(name="far", env={"HOME": "/users/crab", "PATH": "/opt/bin", "USER": "crab"})


class Remembered:
    """Knows one set of surroundings."""

    async def surroundings(self, key: int) -> Surroundings:
        return HERE


async def order_on(
    worker: Worker | None, command: Command, workspace: Workspace | None = None
) -> Order:
    job = a_job()
    job = replace(job, spec=replace(job.spec, command=command, workspace=workspace))
    attempt = Attempt(
        id=AttemptId("1-1-1"), job=JobId(1), number=1, epoch=Epoch(1), worker="w",
        phase=Phase.INTENT, intent_at=0,
    )  # fmt: skip
    orders = Orders(Remembered(), state_dir="/state")  # type: ignore[arg-type]
    return await orders.order(Live(attempt, job), worker)


async def test_here_a_job_gets_what_its_submitter_had() -> None:
    order = await order_on(Worker(name="local"), Command(argv=("true",)))
    assert order.cwd == "/home/ana/work"
    assert HERE.env.items() <= dict(order.env).items()


async def test_elsewhere_it_begins_at_home_with_that_accounts_environment() -> None:
    order = await order_on(THERE, Command(argv=("true",), env={"A": "1"}))
    env = {name: text for name, text in order.env if not name.startswith("CRAB_")}
    spoken = {"LANG": "de_DE.UTF-8", "TZ": "UTC", "LC_ALL": "C"}
    assert order.cwd == "/users/crab"
    assert env == {**THERE.env, **spoken, "A": "1"}


@pytest.mark.parametrize("worker", [None, Worker(name="local"), THERE])
async def test_the_jobs_own_word_goes_before_all(worker: Worker | None) -> None:
    command = Command(argv=("true",), cwd="/data", env={"PATH": "/mine", "HOME": "/x"})
    order = await order_on(worker, command)
    assert order.cwd == "/data"
    assert {"PATH": "/mine", "HOME": "/x"}.items() <= dict(order.env).items()


@pytest.mark.parametrize(
    ("said", "of_worker", "base"), [(None, "", None), (None, "/c", "/c"), ("/b", "/c", "/b")]
)
async def test_clones_are_where_the_job_says_or_else_its_worker(
    said: str | None, of_worker: str, base: str | None
) -> None:
    worker = replace(THERE, clone_base=of_worker)
    asked = Workspace(repo="app", base=said)
    order = await order_on(worker, Command(argv=("true",)), asked)
    assert order.cwd == "/"
    assert order.workspace == Workspace(repo="app", base=base)


async def test_a_budget_of_tokens_goes_to_the_host_and_the_job() -> None:
    job = a_job(max_tokens=500)
    attempt = Attempt(
        id=AttemptId("1-1-1"), job=JobId(1), number=1, epoch=Epoch(1), worker="w",
        phase=Phase.INTENT, intent_at=0,
    )  # fmt: skip
    order = await Orders(Remembered(), state_dir="/s").order(  # type: ignore[arg-type]
        Live(attempt, job)
    )
    assert order.max_tokens == 500
    assert dict(order.env)["CRAB_BUDGET"] == "500"
