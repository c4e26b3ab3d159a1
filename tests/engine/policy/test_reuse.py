"""Keys of results: other parts, another key, whatever stands in them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.calls import Call
from engine.model.checks import Check
from engine.model.ids import JobId
from engine.model.keeping import BuildCache, Memo, Output
from engine.model.resources import Resources
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.model.states import State
from engine.model.workspaces import Workspace
from engine.policy.reuse import (
    Part,
    Turn,
    cache_key,
    is_awaitable,
    is_fixed,
    is_reusable,
    memo_key,
    turn,
)
from tests.kit.build import NOW, a_job, a_starting_job

A = {"A": "1"}
PARTS = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=8)), max_size=5)


def key(job: Any = None, memo: Memo | None = None, **given: Any) -> bytes:
    job = job or a_job("make", id=1)
    around: dict[str, Any] = {"cwd": "/w", "env": {"CC": "gcc", "TERM": "vt"}, "inputs": {}}
    return memo_key(job.spec, memo or Memo(ttl_ms=1000), **(around | given))


@given(PARTS, PARTS)
def test_distinct_parts_have_distinct_keys(one: list[Part], other: list[Part]) -> None:
    assert (cache_key(one) == cache_key(other)) == (one == other)


@given(st.binary(max_size=20), st.integers(0, 20), st.integers(0, 20))
def test_where_one_part_ends_and_the_next_begins_is_in_the_key(
    data: bytes, one: int, other: int
) -> None:
    first = cache_key([("a", data[:one]), ("b", data[one:])])
    second = cache_key([("a", data[:other]), ("b", data[other:])])
    assert (first == second) == (data[:one] == data[:other])


def test_the_same_has_the_same_key_under_another_id() -> None:
    assert key(a_job("make", id=1)) == key(a_job("make", id=2))


def test_what_runs_belongs_to_the_key() -> None:
    job = a_job("make")
    with_env = replace(job, spec=replace(job.spec, command=Command(argv=("make",), env=A)))
    seen = {
        key(a_job("make")),
        key(a_job("make", "all")),
        key(a_job("make all")),
        key(a_job("make", frozen="f" * 64)),
        key(with_env),
        key(a_job("make", tenant="other")),
        key(cwd="/elsewhere"),
        key(inputs={"/w/a": "x"}),
        key(memo=Memo(ttl_ms=1000, version="2")),
    }
    assert len(seen) == 9


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": Kind.TOOL_CALL},
        {"call": Call(tool="add", args={"a": 1})},
        {"gate": Check(shell="test -s out")},
        {"workspace": Workspace(repo="/r", revision="0a" * 20)},
        {"params": {"a": "1"}},
        {"item": None},
        {"outputs": (Output(path="a"),)},
        {"wants_result": True},
        {"caches": (BuildCache(name="n", path="p"),)},
        {"resources": Resources(cpu_milli=1000, gpu=1)},
    ],
)
def test_each_part_of_what_runs_belongs_to_the_key(fields: dict[str, Any]) -> None:
    assert key(a_job("make", **fields)) != key()


def test_commits_are_told_apart() -> None:
    def at(revision: str) -> bytes:
        return key(a_job("make", workspace=Workspace(repo="/r", revision=revision)))

    assert at("0a" * 20) != at("0b" * 20)


@pytest.mark.parametrize(
    "command",
    [
        Command(shell="make"),
        Command(argv=("make",), cwd="/x"),
        Command(argv=("make",), stdin=""),
        Command(argv=("make",), env=A),
    ],
)
def test_each_part_of_a_command_belongs_to_the_key(command: Command) -> None:
    job = a_job("make")
    assert key(replace(job, spec=replace(job.spec, command=command))) != key()


def test_where_it_may_run_belongs_to_the_key() -> None:
    here, there = Constraints(required_workers=("a",)), Constraints(excluded_workers=("a",))
    seen = {key(a_job("make", constraints=one)) for one in (here, there, Constraints())}
    assert len(seen) == 3
    later = Constraints(not_before_at=NOW, preferred_workers=("b",))
    assert key(a_job("make", constraints=later)) == key()


def test_what_it_is_told_belongs_to_the_key_and_who_it_is_does_not() -> None:
    told = {"results": {"a": 1, "b": 2}, "params": {}, "outcomes": {"a": "succeeded"}}
    others = [
        {"results": {"a": 2, "b": 1}},
        {"params": {"p": 1}},
        {"outcomes": {"a": "failed"}},
        {"item": 1, "index": 0},
        {"item": 1, "index": 1},
    ]
    assert len({key(context=told), *(key(context=told | one) for one in others)}) == 6
    who = {"workflow": {"id": 7, "run": 2}, "job": 9, "attempt": "9-1-1", "task": "x"}
    assert key(context=told | who) == key(context=told)


def test_members_of_two_arrays_are_the_same_at_the_same_place() -> None:
    def member(array: int, index: int) -> Any:
        env = {"CRAB_ARRAY": str(array), "CRAB_ARRAY_INDEX": str(index)}
        job = a_job("make")
        return replace(job, spec=replace(job.spec, command=Command(argv=("make",), env=env)))

    assert key(member(1, 0)) == key(member(2, 0)) != key(member(1, 1))


def test_a_branch_and_what_is_typed_are_not_fixed() -> None:
    def at(revision: str) -> JobSpec:
        return a_job("make", workspace=Workspace(repo="/r", revision=revision)).spec

    assert is_fixed(a_job("make").spec)
    assert is_fixed(at("0a" * 20))
    assert not any(is_fixed(at(one)) for one in ("", "main", "v1", "0a" * 19, "0a" * 20 + "\n"))
    assert not is_fixed(replace(at("0a" * 20), command=Command(argv=("sh",), open_stdin=True)))


def test_only_the_named_environment_belongs_to_the_key() -> None:
    other = {"CC": "clang", "TERM": "vt"}
    assert key() == key(env=other)
    named = Memo(ttl_ms=1000, env=("CC",))
    assert key(memo=named) != key(memo=named, env=other)
    assert key(memo=named) == key(memo=named, env={"CC": "gcc", "TERM": "xterm"})
    assert key(memo=named, env={}) != key(memo=named, env={"CC": ""})


def test_a_result_is_reusable_until_its_time_is_over() -> None:
    job = a_job("make", state=State.SUCCEEDED, now={"ended_at": NOW})
    memo = Memo(ttl_ms=1000)
    assert is_reusable(job, memo, NOW + 1_000_000)
    assert not is_reusable(job, memo, NOW + 1_000_001)
    assert not is_reusable(a_job("make"), memo, NOW)


def test_only_an_attempt_that_goes_on_is_waited_for() -> None:
    assert is_awaitable(a_starting_job(memo=Memo(ttl_ms=1)))
    assert is_awaitable(a_job(state=State.RUNNING))
    assert not is_awaitable(a_job())
    assert not is_awaitable(a_job(state=State.RETRYING))
    for now in (
        {"stopping": True},
        {"cancel_at": NOW},
        {"unreachable_at": NOW},
        {"paused_at": NOW},
    ):
        assert not is_awaitable(a_job(state=State.RUNNING, now=now))


def test_what_is_next_for_a_job_that_could_be_granted() -> None:
    job, plain = a_job(id=7, memo=Memo(ttl_ms=1)), a_job()
    assert turn(plain, None, JobId(1)) is Turn.RUN
    assert turn(job, None, JobId(1)) is Turn.LOOK
    assert turn(job, b"k", JobId(1)) is Turn.WAIT
    assert turn(job, b"k", job.id) is Turn.RUN
    assert turn(job, b"k", None) is Turn.RUN
    assert turn(job, b"", None) is Turn.RUN
