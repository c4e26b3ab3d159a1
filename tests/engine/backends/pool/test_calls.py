"""What calls come to, in a real pool."""

import os

import pytest

from engine.backends.protocol import HostState
from engine.errors import Category
from tests.engine.backends.pool.conftest import PoolHands


async def test_a_call_has_the_value_that_its_tool_returns(pool: PoolHands) -> None:
    assert await pool.value("add", {"a": 1, "b": 2}) == 3
    assert await pool.value("add", {"a": 1}) == 2
    assert await pool.value("later", {"text": "x"}) == "x"
    assert await pool.value("move", {"point": {"x": 1}, "how": "up"}) == {"x": 1, "y": 1}


async def test_threads_share_a_process_and_others_have_their_own(pool: PoolHands) -> None:
    shared = {await pool.value("pid_shared") for _ in range(3)}
    assert len(shared) == 1
    begun = [await pool.begin("pid_alone"), await pool.begin("pid_alone")]
    pids = {int((await pool.end(report)).result or b"") for report in begun}
    assert pids & {*shared, os.getpid()} == set()


@pytest.mark.parametrize(
    ("tool", "args", "words"),
    [
        ("add", {"a": "1"}, ("Expected `int`, got `str`", "`a`")),
        ("add", {}, ("missing required", "a")),
        ("add", {"a": 1, "bb": 2}, ("unknown argument 'bb'", "'b'")),
        ("move", {"point": {"x": 1}, "how": "left"}, ("left",)),
        ("move", {"point": {"x": 1}, "how": "up", "times": ["a"]}, ("times",)),
    ],
)
async def test_wrong_arguments_are_told_before_anything_runs(
    pool: PoolHands, tool: str, args: dict[str, object], words: tuple[str, ...]
) -> None:
    end = await pool.call(tool, args)
    assert end.trouble
    assert (end.trouble.category, end.trouble.code) == (Category.VALIDATION, "arguments")
    for word in words:
        assert word in end.trouble.message


async def test_an_unknown_tool_names_the_nearest(pool: PoolHands) -> None:
    [report] = await pool.backend.start([pool.called("ad")])
    assert report.trouble.code == "no_tool"
    assert "'add'" in report.trouble.message


@pytest.mark.parametrize(
    ("kind", "category", "said", "retryable"),
    [
        ("value", Category.INTERNAL, "ValueError: it cannot be", False),
        ("key", Category.INTERNAL, "KeyError: 'no such key'", True),
        ("purpose", Category.QUOTA, "ToolFailure: quota is over", True),
    ],
)
async def test_errors_are_values(
    pool: PoolHands, kind: str, category: Category, said: str, retryable: bool
) -> None:
    end = await pool.call("fail", {"kind": kind})
    assert end.trouble
    assert (end.code, end.trouble.category, end.trouble.message) == (1, category, said)
    assert end.trouble.retryable is retryable
    assert "my_tools.py" in str(end.trouble.details["traceback"])


@pytest.mark.parametrize(("tool", "code"), [("unfit", "no_json"), ("large", "too_large")])
async def test_what_is_no_result_fails(pool: PoolHands, tool: str, code: str) -> None:
    end = await pool.call(tool)
    assert end.trouble
    assert (end.trouble.code, end.trouble.category) == (code, Category.VALIDATION)


async def test_what_a_call_writes_is_its_own_log(pool: PoolHands) -> None:
    first = await pool.begin("say", {"text": "one"})
    second = await pool.begin("say", {"text": "two"})
    for report, text in ((first, b"one\n"), (second, b"two\n")):
        await pool.end(report)
        assert await pool.log(report) == text
        assert await pool.log(report, "err") == b"to err\n"
    alone = await pool.begin("say_alone", {"text": "x"})
    await pool.end(alone)
    assert set((await pool.log(alone)).splitlines()) == {b"x", b"from a child"}
    async_ = await pool.begin("later", {"text": "x"})
    await pool.end(async_)
    assert await pool.log(async_) == b"later x\n"


async def test_garbage_on_its_output_harms_nobody(pool: PoolHands) -> None:
    assert await pool.value("garbage") == "ok"
    assert await pool.value("add", {"a": 1}) == 2


async def test_its_context_is_what_the_order_brings(pool: PoolHands) -> None:
    context = (
        '{"params": {"p": 1}, "results": {"a": [1]}, "task": "t", '
        '"workflow": {"id": 9, "name": "w", "run": 2}}'
    )
    told = await pool.value("told", context=context)
    assert told == {
        "job": 1,
        "params": {"p": 1},
        "results": {"a": [1]},
        "workflow": [9, "w", 2, "t"],
    }


@pytest.mark.parametrize("tool", ["fork", "fork_alone"])
async def test_a_forked_child_does_not_speak_for_its_parent(pool: PoolHands, tool: str) -> None:
    assert await pool.value(tool) == 1
    assert await pool.value("add", {"a": 1}) == 2


async def test_a_call_that_ends_its_own_process_fails_alone(pool: PoolHands) -> None:
    end = await pool.call("leave_alone", {"code": 3})
    assert end.trouble
    assert (end.code, end.trouble.code) == (3, "exited")
    assert await pool.value("pid_alone") > 0


async def test_who_ends_a_shared_process_is_not_guessed(pool: PoolHands) -> None:
    alone = await pool.call("leave_shared", {"code": 4})
    assert (alone.state, alone.code) == (HostState.EXITED, 4)
    waiting = await pool.begin("later", {"text": "x", "seconds": 60.0})
    await pool.call("leave_shared", {"code": 5})
    lost = await pool.end(waiting)
    assert lost.state is HostState.LOST
    assert "any of the 2 calls" in lost.message
    assert await pool.value("add", {"a": 1}) == 2


async def test_a_thousand_tiny_calls(pool: PoolHands) -> None:
    orders = [pool.called("add", {"a": number, "b": 0}) for number in range(1000)]
    reports = await pool.backend.start(orders)
    values = [(await pool.end(report)).result for report in reports]
    assert values == [str(number).encode() for number in range(1000)]
