"""What tasks say and are told: any bytes are a result, none of them harms anybody."""

import json
from pathlib import Path
from typing import Any

import msgspec
import pytest

from engine.backends.protocol import HostState
from engine.ledger.attempts import contexts as found_contexts
from engine.ledger.attempts.contexts import Contexts
from engine.model.ids import JobId
from engine.model.states import State
from engine.model.workflow import MOST_RESULT_BYTES
from tests.kit.engine import Engine, an_engine
from tests.kit.flows import end, ended, find, job, left, running, start, told

WORDS = ["echo", "${{ results.a }}"]
PAIR = {"a": job(), "b": job(depends_on=["a"], command=WORDS)}


async def say(engine: Engine, run: JobId, path: str, body: bytes) -> None:
    """A task succeeds and leaves these bytes."""
    found = await find(engine, run, path)
    attempt = await engine.running(found.id)
    engine.host.results[attempt] = body
    engine.host.end(attempt, 0)
    await left(engine, found.id, State.RUNNING)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b"5", 5),
        (b' {"x": [1, null]} \n', {"x": [1, None]}),
        (b"plain words\n", "plain words"),
        (b"two\nlines\n", "two\nlines"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b"[1, 2", "[1, 2"),
        (b"NaN", "NaN"),
        (b'"${{ results.b }}"', "${{ results.b }}"),
        (b"[" * 100_000, "[" * 100_000),
        (b"[" * 100_000 + b"]" * 100_000, "[" * 100_000 + "]" * 100_000),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, '{"a":' * 5_000 + "1" + "}" * 5_000),
    ],
)
async def test_what_is_no_json_is_the_text_that_it_is(
    tmp_path: Path, body: bytes, value: Any
) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, PAIR)
        await say(engine, run, "a", body)
        attempt = await running(engine, run, "b")
        assert told(engine, attempt)["results"] == {"a": value}
        word = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
        assert engine.host.orders[attempt].argv == ("echo", word)


async def test_no_result_is_none(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job(depends_on=["a"])})
        await say(engine, run, "a", b"")
        attempt = await running(engine, run, "b")
        assert told(engine, attempt)["results"] == {"a": None}
        assert await engine.desk.store.results([(await find(engine, run, "a")).id]) == {}


@pytest.mark.parametrize("more", [0, 1])
async def test_a_result_has_a_most(tmp_path: Path, more: int) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job(depends_on=["a"])})
        body = b'"' + b"x" * (MOST_RESULT_BYTES - 2 + more) + b'"'
        await say(engine, run, "a", body)
        if more:
            trouble = (await find(engine, run, "a")).now.trouble
            assert trouble is not None
            assert trouble.code == "result_too_large"
            assert "262145 bytes" in trouble.message
            assert await ended(engine, run, "b") is State.SKIPPED
        else:
            attempt = await running(engine, run, "b")
            assert told(engine, attempt)["results"]["a"] == "x" * (MOST_RESULT_BYTES - 2)


async def test_a_result_of_what_failed_does_not_count(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        after = [{"task": "a", "after": "end"}]
        run = await start(engine, {"a": job(), "b": job(depends_on=after)})
        await end(engine, run, "a", 1, says="half")
        attempt = await running(engine, run, "b")
        context = told(engine, attempt)
        assert context["results"] == {"a": None}
        assert context["outcomes"] == {"a": "failed"}


async def test_a_result_comes_with_the_end_or_not_at_all(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, PAIR)
        attempt = await running(engine, run, "a")
        engine.host.results[attempt] = b'"said"'
        engine.host.cut()
        engine.host.end(attempt, 0)
        found = await find(engine, run, "a")
        assert found.now.state is State.RUNNING
        engine.host.mend()
        attempt = await running(engine, run, "b")
        assert engine.host.orders[attempt].argv == ("echo", "said")


async def test_a_path_to_nothing_fails_with_its_name(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        words = ["echo", "${{ results.a.deep.er }}"]
        run = await start(engine, {"a": job(), "b": job(depends_on=["a"], command=words)})
        await end(engine, run, "a", says={"deep": {}})
        assert await ended(engine, run, "b") is State.FAILED
        trouble = (await find(engine, run, "b")).now.trouble
        assert trouble is not None
        assert "'er'" in trouble.message
        assert await ended(engine, run) is State.FAILED


async def test_a_result_is_one_word_of_a_line(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        tasks = {
            "a": job(),
            "b": {
                "command": "echo ${{ results.a }}",
                "env": {"E": "${{ results.a }}!"},
                "cwd": "/${{ results.a }}",
                "depends_on": ["a"],
            },
        }
        run = await start(engine, tasks)
        evil = "'; rm -rf / #$(x)`y`"
        await end(engine, run, "a", says=evil)
        order = engine.host.orders[await running(engine, run, "b")]
        assert order.shell == "echo ''\"'\"'; rm -rf / #$(x)`y`'"
        assert dict(order.env)["E"] == evil + "!"
        assert order.cwd == "/" + evil


async def test_many_large_results_are_refused_with_a_way_out(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        large = {f"t{n}": job() for n in range(40)}
        run = await start(engine, {**large, "all": job(depends_on=list(large))})
        body = b'"' + b"x" * 250_000 + b'"'
        for name in large:
            await say(engine, run, name, body)
        assert await ended(engine, run, "all") is State.FAILED
        trouble = (await find(engine, run, "all")).now.trouble
        assert trouble is not None
        assert "artifacts" in trouble.message


async def test_a_retried_task_says_what_it_said_last(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        retry = {"max_attempts": 2, "base_ms": 1}
        run = await start(engine, {**PAIR, "a": job(retry=retry)})
        first = await running(engine, run, "a")
        engine.host.results[first] = b'"old"'
        engine.host.end(first, 1)
        found = await left(engine, (await find(engine, run, "a")).id, State.RUNNING)
        second = await engine.running(found.id)
        assert second != first
        engine.host.results[second] = b'"new"'
        engine.host.end(second, 0)
        attempt = await running(engine, run, "b")
        assert engine.host.orders[attempt].argv == ("echo", "new")


async def test_a_lost_attempt_says_nothing(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {**PAIR, "a": job(restart="safe")})
        first = await running(engine, run, "a")
        engine.host.results[first] = b'"old"'
        engine.host.end(first, None, state=HostState.LOST)
        found = await left(engine, (await find(engine, run, "a")).id, State.RUNNING)
        second = await engine.running(found.id)
        engine.host.end(second, 0)
        attempt = await running(engine, run, "b")
        assert told(engine, attempt)["results"] == {"a": None}


async def test_the_context_is_json_whatever_was_said(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        run = await start(engine, {"a": job(), "b": job(depends_on=["a"])})
        await say(engine, run, "a", b'[1e400, -0.0, 123456789012345678901234567890, "\\u0000"]')
        attempt = await running(engine, run, "b")
        context = engine.host.orders[attempt].context
        assert context is not None
        assert msgspec.json.decode(context)["task"] == "b"


async def test_what_starts_together_is_told_as_each_would_be_alone(tmp_path: Path) -> None:
    async with an_engine(tmp_path) as engine:
        after = {"b": ["a"], "c": ["a", "b"], "d": [{"task": "c", "after": "end"}]}
        tasks = {"a": job(), **{name: job(depends_on=on) for name, on in after.items()}}
        run = await start(engine, tasks)
        for name in "abc":
            await end(engine, run, name, says=[name])
        jobs = [await find(engine, run, name) for name in "abcd"]
        contexts = Contexts(engine.desk.store)
        before = await contexts.before(jobs)
        assert sorted(before.jobs) == [one.id for one in jobs[:3]]
        told = [await contexts.context(one, "1", before) for one in jobs]
        assert told == [await contexts.context(one, "1") for one in jobs]
        results = [one["results"] for one in told if one]
        assert results == [{}, {"a": ["a"]}, {"a": ["a"], "b": ["b"]}, {"c": ["c"]}]


async def test_those_that_wait_for_too_many_are_told_all_of_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(found_contexts, "MOST_BEFORE", 1)
    async with an_engine(tmp_path) as engine:
        tasks = {"a": job(), "b": job(), "c": job(depends_on=["a"])}
        run = await start(engine, {**tasks, "d": job(depends_on=["a", "b"])})
        for name in "ab":
            await end(engine, run, name, says=name)
        jobs = [await find(engine, run, name) for name in "cd"]
        contexts = Contexts(engine.desk.store)
        before = await contexts.before(jobs)
        assert len(before.jobs) == 1
        said = [await contexts.context(one, "1", before) for one in jobs]
        assert [one["results"] for one in said if one] == [{"a": "a"}, {"a": "a", "b": "b"}]
