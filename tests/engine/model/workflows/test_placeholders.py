"""Placeholders: what they name, what is put in their places, and where that is safe."""

import shlex
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.model.intake.placeholders import (
    Place,
    check_shell,
    dig,
    fill,
    fill_shell,
    fill_text,
    places,
)
from engine.model.intake.workflow.late import task_of
from engine.model.intake.wrong import Wrong

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
        "true # ${{ item }}",
        "#${{ item }}",
        "true;# ${{ item }}",
        "true # don't\necho '${{ item }}'",
        'true # "\necho "${{ item }}"',
        'echo "$(basename "${{ item }}")"',
        'echo "$(basename ${{ item }})"',
        'echo "`basename "${{ item }}"`"',
        'echo "$(case x in x) echo "${{ item }}";; esac)"',
        'echo "${HOME:-"${{ item }}"}"',
        'echo "$( (true) ; echo "${{ item }}")"',
        "echo `true` `echo ${{ item }}`",
    ],
)
def test_a_place_that_quotes_cannot_protect_is_refused(line: str) -> None:
    with pytest.raises(Wrong):
        check_shell(line)


@pytest.mark.parametrize(
    "line",
    [
        "echo '#' ${{ item }}",
        "echo a#b ${{ item }} # it's said",
        "true # don't\necho ${{ item }}",
        'echo "$(basename "$HOME")" ${{ item }}',
        "echo $(basename ${{ item }}) `true` ${{ item }}",
        "echo ${#HOME} ${HOME%'}'} ${{ item }}",
        "(cd /; echo ${{ item }})",
        "case x in x) echo ${{ item }};; esac",
    ],
)
def test_other_places_are_taken_and_safe(line: str, tmp_path: Path) -> None:
    check_shell(line)
    value = f"a'b\"$(touch {tmp_path}/run)`touch {tmp_path}/run`\ntouch {tmp_path}/run\n#"
    filled = fill_shell(line, lambda _: value)
    subprocess.run(["/bin/sh", "-c", filled], capture_output=True, check=True)
    assert not list(tmp_path.iterdir())


def test_the_longest_name_of_a_task_counts() -> None:
    assert task_of("a.b.c", {"a", "a.b"}) == "a.b"
    assert task_of("a.c", {"a", "a.b"}) == "a"
    assert task_of("x", {"a"}) is None
