"""Failures that are alike have one fingerprint, others another."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import Category
from engine.model.fingerprint import LENGTH, fingerprint, normalized
from engine.model.outcome import Trouble


def trouble(message: str = "the command exited with 3", code: str = "exit") -> Trouble:
    return Trouble(category=Category.INTERNAL, code=code, message=message)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("cannot open /data/run-7/x.bin", "cannot open /tmp/else"),
        ("segfault at 0x7ffe12ab", "segfault at 0x11"),
        ("out of memory: 1,024 MB of 2.5 GB", "out of memory: 7 MB of 1 GB"),
        ("object 9fceb02d0ae598e95dc970b74767f19372d61af8", "object deadbeef00"),
        ("Failed  twice", "failed twice"),
    ],
)
def test_what_differs_each_time_does_not_count(one: str, other: str) -> None:
    assert normalized(one) == normalized(other)
    assert fingerprint("train", trouble(one)) == fingerprint("train", trouble(other))


def test_members_of_one_kind_are_alike_and_kinds_are_not() -> None:
    assert fingerprint("train-1", trouble()) == fingerprint("train-22", trouble())
    assert fingerprint("train", trouble()) != fingerprint("eval", trouble())


def test_ends_of_other_kinds_are_told_apart() -> None:
    found = {
        fingerprint("train", trouble(), exit_code=3),
        fingerprint("train", trouble(), exit_code=4),
        fingerprint("train", trouble(), signal=9),
        fingerprint("train", trouble(code="timeout"), exit_code=3),
        fingerprint("train", trouble("no such file"), exit_code=3),
    }
    assert len(found) == 5


@given(st.text(), st.text(), st.none() | st.integers(0, 255))
def test_it_is_a_word_of_hexadecimal_digits(name: str, said: str, code: int | None) -> None:
    found = fingerprint(name, trouble(said), exit_code=code)
    assert len(found) == LENGTH
    assert set(found) <= set("0123456789abcdef")


@given(st.text(max_size=30), st.text(max_size=30))
def test_parts_are_not_mistaken_for_each_other(one: str, other: str) -> None:
    a = fingerprint(one, trouble(other, code="x"))
    b = fingerprint(one, trouble(other, code="x" + normalized(one)))
    assert (a == b) == (normalized(one) == "")
