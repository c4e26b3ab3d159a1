"""Priorities, unknown words, and amounts as people say them."""

import pytest

from engine.errors import InvalidSpec
from engine.model.priority import SHARES, Priority, parse_priority
from engine.model.resources import amount_text
from engine.model.words import nearest, unknown


@pytest.mark.parametrize(
    ("word", "level"),
    [
        ("critical", Priority.CRITICAL),
        ("REALTIME", Priority.CRITICAL),
        ("interactive", Priority.HIGH),
        ("medium", Priority.NORMAL),
        ("batch", Priority.NORMAL),
        ("offline", Priority.LOW),
    ],
)
def test_priorities_have_other_names(word: str, level: Priority) -> None:
    assert parse_priority(word) is level


def test_an_unknown_priority_names_the_nearest() -> None:
    with pytest.raises(InvalidSpec, match="did you mean 'normal'") as refusal:
        parse_priority("norml")
    assert (refusal.value.field, refusal.value.nearest) == ("priority", "normal")


def test_raising_stops_at_the_ends() -> None:
    assert Priority.LOW.raised(1) is Priority.NORMAL
    assert Priority.HIGH.raised(9) is Priority.CRITICAL
    assert Priority.HIGH.raised(-9) is Priority.LOW


def test_the_shares_are_those_promised() -> None:
    assert [SHARES[level] for level in Priority] == [50, 30, 15, 5]


def test_a_word_like_no_other_gets_the_whole_list() -> None:
    assert nearest("zzz", ["cpu", "memory"]) is None
    assert "one of: cpu, memory" in unknown("key", "zzz", ["memory", "cpu"]).message


def test_a_huge_word_is_quoted_in_part() -> None:
    assert len(unknown("key", "x" * 10_000, ["cpu"]).message) < 300


@pytest.mark.parametrize(
    ("name", "amount", "text"),
    [
        ("cpu_milli", 1500, "1.5 cpu"),
        ("memory_mb", 512, "512 MB memory"),
        ("gpu", 2, "2 gpu"),
        ("licences", 3, "3 licences"),
    ],
)
def test_amounts_are_said_with_their_unit(name: str, amount: int, text: str) -> None:
    assert amount_text(name, amount) == text
