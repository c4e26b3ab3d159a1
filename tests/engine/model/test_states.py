"""The tables of states and phases, the ways through them, and their picture."""

import re
from pathlib import Path

import pytest

import engine.model.states
from engine.errors import IllegalTransition
from engine.model.states import (
    FINAL,
    PHASES,
    TRANSITIONS,
    WAITING,
    Phase,
    Signal,
    State,
    advance,
    step,
)

README = Path(engine.model.states.__file__).with_name("README.md").read_text("utf-8")


def picture(title: str) -> list[str]:
    """The lines of the picture whose heading begins with `title`, without that heading."""
    [block] = re.findall(rf"```\n{title}[^\n]*\n(.*?)```", README, re.DOTALL)
    return block.splitlines()


def test_the_picture_of_states_is_the_table() -> None:
    drawn: dict[str, dict[str, str]] = {}
    state = ""
    for line in picture("state "):
        state = line[:12].strip() or state
        moves = drawn.setdefault(state, {})
        if move := re.fullmatch(r".{12}(\w+) ─+► (\w+)", line):
            moves[move[1]] = move[2]
    assert drawn == TRANSITIONS


def test_the_picture_of_phases_is_the_table() -> None:
    drawn = {line.split()[0]: set(line.split()[2:]) for line in picture("phase ")}
    assert drawn == PHASES


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("signal", Signal)
def test_only_what_the_table_lists_can_happen(state: State, signal: Signal) -> None:
    target = TRANSITIONS[state].get(signal)
    if target is None:
        with pytest.raises(IllegalTransition, match=f"{signal} cannot happen to a {state}"):
            advance(state, signal)
    else:
        assert advance(state, signal) is target


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("target", Phase)
def test_only_listed_phases_follow(phase: Phase, target: Phase) -> None:
    if target in PHASES[phase]:
        assert step(phase, target) is target
    else:
        with pytest.raises(IllegalTransition, match=f"{phase} cannot become {target}"):
            step(phase, target)


def test_what_has_ended_leaves_only_at_an_operators_word() -> None:
    for state in FINAL:
        assert set(TRANSITIONS[state]) <= {Signal.REVIVE}
    assert not TRANSITIONS[State.SUCCEEDED]


def test_every_state_is_reached_and_every_live_one_can_be_canceled() -> None:
    reached = {target for moves in TRANSITIONS.values() for target in moves.values()}
    assert reached == set(State) | {State.PENDING}
    assert all(Signal.CANCEL in TRANSITIONS[s] for s in set(State) - FINAL)
    assert set(State) == FINAL | WAITING | {State.RUNNING}


def test_every_phase_can_end_and_nothing_follows_the_end() -> None:
    assert all(Phase.ENDED in PHASES[phase] for phase in set(Phase) - {Phase.ENDED})
    assert not PHASES[Phase.ENDED]
