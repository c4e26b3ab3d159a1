"""Two names never share a session, and no name means anything to tmux or a shell."""

import re

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.sessions import Role, read_role, role_of, session_name

CHARACTERS = st.one_of(st.sampled_from("aAbB09_-.:= $`'\"\n\0é"), st.characters())
NAMES = st.text(CHARACTERS, min_size=1, max_size=100).filter(
    lambda text: ".." not in text and "/" not in text
)


@given(NAMES, NAMES, st.sampled_from(Role))
def test_a_name_is_safe_and_short(repo: str, work: str, role: Role) -> None:
    name = session_name(repo, work, role)
    assert re.fullmatch(r"[a-z0-9_-]+", name)
    assert len(name) < 250
    assert name.startswith("aivcs__")
    assert role_of(name) is role


@given(st.tuples(NAMES, NAMES), st.tuples(NAMES, NAMES))
@example(("a__b", "c"), ("a", "b__c"))
@example(("a_", "b"), ("a", "_b"))
@example(("Task", "x"), ("task", "x"))
@example(("a.b", "x"), ("a:b", "x"))
def test_other_names_make_other_sessions(one: tuple[str, str], other: tuple[str, str]) -> None:
    assume(one != other)
    assert session_name(*one, Role.AGENT) != session_name(*other, Role.AGENT)


@given(NAMES)
def test_a_name_that_looks_hashed_is_no_back_door(work: str) -> None:
    made = session_name("r", work, Role.AGENT).split("__")[2]
    if made != work:
        assert session_name("r", made, Role.AGENT) != session_name("r", work, Role.AGENT)


def test_plain_names_stay_as_they_are() -> None:
    assert session_name("crab-tui", "fix_7", Role.HUMAN) == "aivcs__crab-tui__fix_7__human"
    assert session_name("r", "task-1", Role.RUNNER) != session_name("r", "task-10", Role.RUNNER)


@pytest.mark.parametrize("bad", ["", "x" * 101, "..", "a..b", "a/b", "/"])
def test_what_cannot_be_a_name(bad: str) -> None:
    with pytest.raises(InvalidSpec):
        session_name(bad, "w", Role.AGENT)
    with pytest.raises(InvalidSpec):
        session_name("r", bad, Role.AGENT)


@pytest.mark.parametrize(
    "name", ["", "main", "aivcs__a__b", "aivcs__a__b__boss", "x__a__b__agent"]
)
def test_others_sessions_are_not_ours(name: str) -> None:
    assert role_of(name) is None


def test_roles() -> None:
    assert read_role("AGENT") is Role.AGENT
    with pytest.raises(InvalidSpec, match="agent, runner or human"):
        read_role("agnet")
