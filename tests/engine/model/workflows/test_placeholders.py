"""Placeholders: what they name, what is put in their places, and where that is safe."""

import shlex
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.intake.workflow.late import task_of
from engine.model.intake.wrong import Wrong
from engine.model.placeholders import (
    Place,
    check_shell,
    dig,
    fill,
    fill_shell,
    fill_text,
    places,
)

VALUE: dict[str, Any] = {"a": {"b": [1, {"c": None}]}, "t": "x y", "d.e": 5}


def look(place: Place) -> Any:
    return dig(VALUE, place.path)


def test_a_text_that_is_one_place_becomes_the_value() -> None:
    assert fill("${{ params.a.b }}", look) == [1, {"c": None}]
    assert fill("${{params.a.b.0}}", look) == 1
    assert fill("n=${{ params.a.b.0 }}", look) == "n=1"
    assert fill_text("${{ params.a.b }}", look) == '[1,{"c":null}]'
    assert fill("no place {{ here }} $x ${y}", look) == "no place {{ here }} $x ${y}"


def test_places_of_others_stay() -> None:
    text = "${{ results.x }} ${{ params.t }}"
    assert fill_text(text, look, {"params"}) == "${{ results.x }} x y"
    assert fill("${{ item }}", look, {"params"}) == "${{ item }}"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("${{ }}", "unknown placeholder"),
        ("${{ env.X }}", "unknown placeholder"),
        ("${{ params }}", "needs a name"),
        ("${{ index.x }}", "no parts"),
        ("${{ params.x", "without its"),
        ("${{ params.x }} ${{", "without its"),
    ],
)
def test_what_is_no_place_is_refused(text: str, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        places(text)


@pytest.mark.parametrize(
    ("path", "words"),
    [("x", "unknown key"), ("a.b.2", "list of 2"), ("t.x", "has no"), ("a.b.x", "list of 2")],
)
def test_a_path_to_nothing_is_refused(path: str, words: str) -> None:
    with pytest.raises(Wrong, match=words):
        dig(VALUE, path)


@settings(max_examples=30, deadline=None)
@given(st.text(st.characters(blacklist_categories=["Cs"], blacklist_characters="\0")))
def test_a_shell_gets_each_value_as_one_word(value: str) -> None:
    line = fill_shell("printf %s ${{ item }}", lambda _: value)
    assert shlex.split(line) == ["printf", "%s", value]
    out = subprocess.run(["/bin/sh", "-c", line], capture_output=True, check=True).stdout
    assert out.decode() == value


@pytest.mark.parametrize(
    "line",
    [
        "echo '${{ item }}'",
        'echo "${{ item }}"',
        "echo $((${{ item }}))",
        "cat <<E\n${{ item }}",
    ],
)
def test_a_place_that_quotes_cannot_protect_is_refused(line: str) -> None:
    with pytest.raises(Wrong):
        check_shell(line)


def test_the_longest_name_of_a_task_counts() -> None:
    assert task_of("a.b.c", {"a", "a.b"}) == "a.b"
    assert task_of("a.c", {"a", "a.b"}) == "a"
    assert task_of("x", {"a"}) is None
