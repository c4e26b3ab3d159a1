"""Remedies: each is a command that exists, and asks the daemon for just what it says."""

import shlex
from collections.abc import Mapping
from typing import Any

import click
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crabtui.cli.frame.root import root
from crabtui.cli.frame.setting import Setting
from engine.control.messages import (
    ActOnWorker,
    Edit,
    Release,
    Retry,
    SetArray,
    SetPriority,
    SetQueue,
    SetWorker,
    Targets,
    Uncancel,
    Wait,
)
from engine.control.views import Waited
from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.priority import Priority
from engine.model.reasons import Remedy
from engine.policy.why import remedies
from tests.crabtui.cli.conftest import Crab
from tests.engine.policy.situations import Situation, crowds, situations
from tests.kit.answers import acted
from tests.kit.build import a_job
from tests.kit.fake_door import FakeDoor

JOB = a_job(id=12)
IT = Targets(ids=(12,))


def parse(line: str) -> tuple[click.Command, Mapping[str, Any]]:
    """The command that a line would run, with its options; nothing is run.

    Raises:
        click.UsageError: there is no such command, or it has no such option.
    """
    words = shlex.split(line)
    assert words.pop(0) == "crabtui"
    command: click.Command = root
    context = root.make_context("crabtui", words, obj=Setting())
    while isinstance(command, click.Group) and context._protected_args + context.args:
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert found is not None
        command = found
        context = command.make_context(name, rest, parent=context)
    return command, context.params


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(st.one_of(situations(), crowds()))
def test_every_remedy_that_is_told_can_be_typed(at: Situation) -> None:
    for job in at.waiting:
        for gate in at.why(job):
            if gate.remedy:
                assert not gate.ok
                parse(gate.remedy)
            if gate.act is not None:
                assert gate.remedy == remedies.command(gate.act)


@pytest.mark.parametrize("line", [remedies.WORKERS, remedies.TENANTS, remedies.DOCTOR])
def test_what_is_to_be_looked_at_is_a_command(line: str) -> None:
    command, _ = parse(line)
    assert command.name == line.removeprefix("crabtui ")


@pytest.mark.parametrize(
    "line", ["crabtui edit 12 --cpu 1", "crabtui show-me 1", "crabtui queues limit x"]
)
def test_a_wrong_word_does_not_pass(line: str) -> None:
    with pytest.raises((click.UsageError, InvalidSpec)):
        parse(line)


LESS = {"cpu_milli": 1505, "memory_mb": 300, "storage_mb": 7, "gpu": 1, "lic.x": 2}


@pytest.mark.parametrize(
    ("remedy", "ask"),
    [
        (remedies.release(JOB), Release(targets=IT)),
        (remedies.uncancel(JOB), Uncancel(targets=IT)),
        (remedies.again(JOB, a_job(id=13)), Retry(targets=Targets(ids=(12, 13)))),
        (remedies.wait_for([9, 4, 5, 6]), Wait(ids=(4, 5, 6, 9))),
        (remedies.resume("gpu.1"), SetQueue(name="gpu.1", pause=False)),
        (remedies.widen("gpu", 9), SetQueue(name="gpu", limit=9)),
        (remedies.widen_array(JobId(3), 4), SetArray(id=3, limit=4)),
        (remedies.widen_group(JOB, 3), Edit(targets=IT, changes={"group_limit": 3})),
        (remedies.raise_to(JOB, Priority.HIGH), SetPriority(targets=IT, to="high")),
        (remedies.reopen("w-1"), SetWorker(name="w-1", drain=False)),
        (remedies.reset("w-1"), ActOnWorker(name="w-1", act="reset")),
        (remedies.unquarantine("w-1"), ActOnWorker(name="w-1", act="release")),
        (remedies.reconnect("w-1"), ActOnWorker(name="w-1", act="reconnect")),
        (
            remedies.give_up(JOB, "deadline", "excluded_workers", less=LESS),
            Edit(
                targets=IT,
                changes={
                    "deadline": None,
                    "excluded_workers": None,
                    "cpus": "1505m",
                    "memory": "300",
                    "storage": "7",
                    "gpus": 1,
                    "resources": {"custom": {"lic.x": 2}},
                },
            ),
        ),
    ],
)
def test_what_is_typed_asks_for_what_the_act_says(
    crab: Crab, door: FakeDoor, remedy: Remedy, ask: Any
) -> None:
    door.answers[type(ask)] = (
        Waited(finished=(), unfinished=()) if isinstance(ask, Wait) else acted()
    )
    crab(*shlex.split(remedies.command(remedy))[1:])
    assert door.asked(type(ask)) == [ask]
    if isinstance(ask, Edit):
        assert remedy.changes == ask.changes


def test_nobody_is_told_to_wait_for_hundreds_or_for_nobody() -> None:
    assert remedies.wait_for([]) is None
    assert remedies.wait_for(range(1, 66)) is None
    found = remedies.wait_for(range(1, 65))
    assert found is not None
    assert remedies.command(found) == "crabtui wait 1-64"
