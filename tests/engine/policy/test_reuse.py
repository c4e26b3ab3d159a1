"""Keys of results: other parts, another key, whatever stands in them."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from engine.model.keeping import Memo
from engine.model.spec import Command
from engine.model.states import State
from engine.policy.reuse import Part, cache_key, is_reusable, memo_key
from tests.kit.build import NOW, a_job

A = {"A": "1"}
PARTS = st.lists(st.tuples(st.text(max_size=5), st.binary(max_size=8)), max_size=5)


def key(job: Any = None, memo: Memo | None = None, **given: Any) -> bytes:
    job = job or a_job("make", id=1)
    around: dict[str, Any] = {"cwd": "/w", "env": {"CC": "gcc", "TERM": "vt"}, "inputs": {}}
    return memo_key(job, memo or Memo(ttl_ms=1000), **(around | given))


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
