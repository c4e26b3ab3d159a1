"""Hooks: jobs of their own, once for each event, through restarts and refusals."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.clock import ManualClock
from engine.config import Config, Settings
from engine.control import messages as ask
from engine.daemon.handlers import ANSWERS
from engine.errors import InvalidSpec, NotAdmitted, StoreError
from engine.model.events import Event, EventType
from engine.model.filter import parse
from engine.model.hooks import Hook, On
from engine.model.ids import JobId, Seq
from engine.model.job import Job
from engine.model.states import FINAL, State
from engine.policy.hooks.firing import Firing
from tests.engine.loops.test_dispatch import turns
from tests.kit.engine import Engine, FakeBackend, an_engine

TELL: dict[str, Any] = {"command": ["tell"]}


def hooked(*on: str, **more: Any) -> dict[str, Any]:
    return {"argv": ["work"], "hooks": [{"on": one, **TELL, **more} for one in on]}


async def hooks_of(engine: Engine, job: int) -> list[Job]:
    """The jobs of a job's hooks, in order of id."""
    ids = await engine.desk.store.matching(parse("tag:hook"), 0, 1000)
    jobs = await engine.desk.store.jobs(ids)
    return [one for one in jobs if one.spec.hook_of == job]


async def until_hooks(engine: Engine, job: int, number: int) -> list[Job]:
    async with asyncio.timeout(60):
        while len(found := await hooks_of(engine, job)) < number:
            await turns()
    await turns(100)
    assert len(await hooks_of(engine, job)) == number
    return found


async def ended(engine: Engine, job: JobId, code: int = 0) -> Job:
    engine.host.end(await engine.running(job), code)
    return await engine.until_state(job, *FINAL)


def report(job: Job) -> dict[str, Any]:
    found: dict[str, Any] = msgspec.json.decode(job.spec.command.stdin or "{}")
    return found


async def test_a_failure_fires_what_waits_for_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        all_ = [on.value for on in On]
        [job] = await engine.submit({**hooked(*all_), "name": "w", "metadata": {"a": 1}})
        await ended(engine, job, 3)
        found = await until_hooks(engine, job, 3)
        assert [one.spec.metadata["hook_on"] for one in found] == ["start", "failure", "end"]
        assert {one.spec.parent_id for one in found} == {job}
        start, failure, _ = map(report, found)
        assert (start["state"], start["ended_at"]) == ("running", None)
        assert (failure["id"], failure["state"], failure["exit_code"]) == (job, "failed", 3)
        assert (failure["name"], failure["metadata"]) == ("w", {"a": 1})
        env = found[1].spec.command.env
        assert (env["CRAB_HOOK_JOB"], env["CRAB_HOOK_STATE"]) == (str(job), "failed")


@pytest.mark.parametrize(
    ("act", "state", "fired"),
    [("end", State.SUCCEEDED, "success"), ("cancel", State.CANCELED, "cancel")],
)
async def test_other_ends_fire_theirs(
    tmp_path: Path, act: str, state: State, fired: str
) -> None:
    async with an_engine(tmp_path) as engine:
        all_ = hooked("success", "failure", "cancel", "skip", "timeout")
        [job] = await engine.submit({**all_, "hold": act == "cancel"})
        if act == "end":
            await ended(engine, job)
        else:
            await engine.ask(ask.Cancel(targets=ask.Targets(ids=(job,))))
        assert (await engine.until_state(job, *FINAL)).now.state is state
        [one] = await until_hooks(engine, job, 1)
        assert one.spec.metadata["hook_on"] == fired


async def test_a_job_that_is_run_again_fires_again(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(hooked("failure"))
        await ended(engine, job, 1)
        await until_hooks(engine, job, 1)
        await engine.ask(ask.Retry(targets=ask.Targets(ids=(job,))))
        await ended(engine, job, 1)
        await until_hooks(engine, job, 2)


async def test_an_attempt_that_is_tried_again_fires_no_end(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit({**hooked("end"), "retries": 1, "retry_backoff_ms": 0})
        engine.host.end(await engine.running(job), 1)
        await engine.until(EventType.JOB_RETRY, job=job)
        await turns(100)
        assert await hooks_of(engine, job) == []
        await ended(engine, job)
        await until_hooks(engine, job, 1)


async def test_an_array_fires_once_for_all_of_it(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        asked = ask.SubmitArray(job=hooked("end"), values=("1-3",))
        answer: Any = await ANSWERS[ask.SubmitArray](engine.desk, engine.caller, asked)
        whole = JobId(answer.ids[0][0])
        for member in range(whole + 1, whole + 4):
            await ended(engine, JobId(member), int(member == whole + 2))
        await engine.until_state(whole, *FINAL)
        [one] = await until_hooks(engine, whole, 1)
        assert report(one)["parts"] == {"succeeded": 2, "failed": 1}
        assert report(one)["state"] == "failed"
        assert await hooks_of(engine, whole + 1) == []


def with_hooks(folder: Path, **hooks: Hook) -> Config:
    return Config(settings=Settings(state_dir=folder, company_s=0.0), hooks=hooks)


async def test_the_configurations_hooks_are_for_jobs_that_match_and_not_for_hooks(
    tmp_path: Path,
) -> None:
    tell = Hook(on=(On.END,), name="tell", job=TELL, where="queue:prod")
    config = with_hooks(tmp_path, tell=tell, all=Hook(on=(On.END,), name="all", job=TELL))
    async with an_engine(tmp_path, config=config) as engine:
        prod, other = await engine.submit({"argv": ["a"], "queue": "prod"}, {"argv": ["b"]})
        await ended(engine, prod)
        await ended(engine, other)
        names = [one.spec.name for one in await until_hooks(engine, prod, 2)]
        assert sorted(names) == ["all", "tell"]
        [one] = await until_hooks(engine, other, 1)
        await ended(engine, one.id)
        await turns(200)
        assert await hooks_of(engine, one.id) == []


class Failing:
    """Runs whose answers are lost, or that are refused, before they work."""

    def __init__(self, inner: Any, error: Exception, times: int, *, late: bool) -> None:
        self.inner, self.error, self.left, self.late = inner, error, times, late
        self.configured: dict[str, Hook] = {}

    def matches(self, hook: Hook, job: Job) -> bool:
        raise AssertionError(hook, job)

    async def submit(self, firing: Firing, event: Event, job: Job) -> None:
        self.left -= 1
        if self.left < 0 or self.late:
            await self.inner.submit(firing, event, job)
        if self.left >= 0:
            raise self.error


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("error", [StoreError("lost"), NotAdmitted("no room")])
async def test_none_is_lost_and_none_is_doubled(
    tmp_path: Path, error: Exception, late: bool
) -> None:
    clock = ManualClock()
    async with an_engine(tmp_path, clock=clock) as engine:
        engine.desk.hooks._runs = Failing(engine.desk.hook_runs, error, 3, late=late)
        [job] = await engine.submit(hooked("end", "success"))
        await ended(engine, job)
        async with asyncio.timeout(60):
            while engine.desk.hooks._runs.left >= 0 or len(await hooks_of(engine, job)) < 2:
                clock.advance(1)
                await turns()
        await until_hooks(engine, job, 2)


async def test_a_new_daemon_fires_what_the_old_one_did_not(tmp_path: Path) -> None:
    host = FakeBackend()
    async with an_engine(tmp_path, host) as engine:
        broken = StoreError("dying")
        engine.desk.hooks._runs = Failing(engine.desk.hook_runs, broken, 10**9, late=False)
        [job] = await engine.submit(hooked("success"))
        await ended(engine, job)
        await turns(100)
        assert await hooks_of(engine, job) == []
    async with an_engine(tmp_path, host) as engine:
        await until_hooks(engine, job, 1)
    async with an_engine(tmp_path, host) as engine:
        await until_hooks(engine, job, 1)
        events = await engine.desk.store.events(Seq(0), 1000)
        assert EventType.JOB_REJECTED not in {event.type for event in events}


async def test_what_cannot_be_submitted_is_told_of(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        error = InvalidSpec("no worker has that")
        engine.desk.hooks._runs = Failing(engine.desk.hook_runs, error, 1, late=False)
        [job] = await engine.submit(hooked("end", name="pager"))
        await ended(engine, job)
        event = await engine.until(EventType.HOOK_REFUSED, job=job)
        assert event.cause == "hook `pager` could not be submitted: no worker has that"


@pytest.mark.parametrize(
    ("hook", "said"),
    [
        ({"command": ["x"]}, "says not when"),
        ({"on": "falure", "command": ["x"]}, "did you mean 'failure'"),
        ({"on": "end"}, "nothing to run"),
        ({"on": "end", "command": ["x"], "http": "http://a"}, "say one of them"),
        ({"on": "end", "http": "ftp://a"}, "no address of http"),
        ({"on": "end", "http": "file:///etc/passwd"}, "no address of http"),
        ({"on": "end", "http": {"url": "http://a", "methd": "PUT"}}, "did you mean 'method'"),
        (
            {
                "on": "end",
                "http": {"url": "http://a", "headers": {"Authorization": "Bearer x"}},
            },
            "would be stored",
        ),
        ({"on": "end", "http": {"url": "http://a", "headers": {"X-Api-Key": "x"}}}, "stored"),
        ({"on": "end", "http": {"url": "http://a", "headers": {"A": "b\r\nC: d"}}}, "control"),
        ({"on": "end", "command": ["x"], "hooks": []}, "nothing that a hook can have"),
        ({"on": "end", "command": ["x"], "queu": "q"}, "did you mean 'queue'"),
        ({"on": "end", "shell": "say ${{ report.id }}"}, "CRAB_HOOK_JOB"),
        ({"on": "end", "http": "http://a/${{ report.id }}"}, "the `body` of a call"),
        ({"on": "end", "http": {"url": "http://a", "body": "${{ item }}"}}, "report alone"),
        ({"on": "end", "http": {"url": "http://a", "body": ["${{ reprt }}"]}}, "'report'"),
        ({"on": "end", "http": "http://a:99999"}, "is no address"),
        ({"on": "end", "http": "http://a", "stdin": "x"}, "say it as `body`"),
    ],
)
async def test_what_no_hook_can_be_is_refused_at_once(
    tmp_path: Path, hook: dict[str, Any], said: str
) -> None:
    async with an_engine(tmp_path) as engine:
        with pytest.raises(InvalidSpec) as told:
            await engine.submit({"argv": ["true"], "hooks": [hook]})
        assert said in told.value.message
        assert (told.value.field or "").startswith("jobs[0].hooks[0]")


async def test_a_workflow_fires_once_for_all_of_it_and_those_within_theirs(
    tmp_path: Path,
) -> None:
    within = {"tasks": {"b": {"argv": ["b"]}}, "hooks": [{"on": "success", **TELL}]}
    tasks = {"a": {"argv": ["a"]}, "w": {"workflow": within}}
    definition = {"name": "f", "tasks": tasks, "hooks": [{"on": ["failure", "end"], **TELL}]}
    async with an_engine(tmp_path) as engine:
        asked = ask.SubmitWorkflow(definition=definition)
        answer: Any = await ANSWERS[ask.SubmitWorkflow](engine.desk, engine.caller, asked)
        run = JobId(answer.ids[0][0])
        await ended(engine, JobId(run + 1), 1)
        await ended(engine, JobId(run + 3))
        [inner] = await until_hooks(engine, run + 2, 1)
        assert inner.spec.metadata["hook_on"] == "success"
        [whole] = await until_hooks(engine, run, 1)
        assert (report(whole)["state"], whole.spec.metadata["hook_on"]) == ("failed", "failure")


@pytest.mark.parametrize(
    ("said", "priority"),
    [({}, "low"), ({"priority": "high"}, "high"), ({"is_critical": True}, "critical")],
)
async def test_hooks_keep_nobody_waiting_unless_they_say_so(
    tmp_path: Path, said: dict[str, Any], priority: str
) -> None:
    async with an_engine(tmp_path) as engine:
        [job] = await engine.submit(hooked("success", **said))
        await ended(engine, job)
        [hook] = await until_hooks(engine, job, 1)
        assert hook.spec.priority.label == priority
        assert (await engine.job(job)).spec.priority.label == "normal"
