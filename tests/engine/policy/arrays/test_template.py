"""Templates: what is filled in where, and what a shell makes of it."""

import shlex
import subprocess
from shutil import which

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import InvalidSpec
from engine.model.ids import JobId
from engine.model.keeping import Output
from engine.model.spec import Command, Constraints, JobSpec, Kind
from engine.policy.arrays.template import Template

ARRAY = JobId(12)


def member(command: Command, params: dict[str, str], name: str = "", index: int = 3) -> JobSpec:
    return Template(JobSpec(command=command, name=name), params).member(ARRAY, index, params)


def test_words_name_folder_and_environment_are_filled_in() -> None:
    command = Command(
        argv=("train", "--lr={lr}", "{index}", "{other}", "{}", "{{lr}}"),
        cwd="/runs/{lr}",
        env={"OUT": "{index}.txt"},
    )
    spec = member(command, {"lr": "0.1"}, name="lr {lr}")
    assert spec.command.argv == ("train", "--lr=0.1", "3", "{other}", "{}", "{0.1}")
    assert spec.command.cwd == "/runs/0.1"
    assert spec.name == "lr 0.1"
    assert spec.command.env == {
        "OUT": "3.txt",
        "CRAB_ARRAY": "12",
        "CRAB_ARRAY_INDEX": "3",
        "CRAB_PARAM_LR": "0.1",
    }
    assert (spec.array, spec.array_index, spec.params) == (12, 3, {"lr": "0.1"})


def test_a_value_with_braces_is_not_filled_in_again() -> None:
    spec = member(Command(argv=("{a}", "{b}")), {"a": "{b}", "b": "{a}"})
    assert spec.command.argv == ("{b}", "{a}")


def test_a_variable_of_the_shell_is_the_shells() -> None:
    spec = member(Command(shell="echo ${item} {item}"), {"item": "a b"})
    assert spec.command.shell == "echo ${item} 'a b'"


@pytest.mark.parametrize(
    "line",
    [
        'echo "{item}"',
        "echo '{item}'",
        "echo `ls {item}`",
        "echo \\{item}",
        "cat <<EOF\n{item}\nEOF",
        "echo $(( {item} + 1 ))",
        'echo "a" "b $(cat {item})"',
        "(( {item} > 1 )) && true",
        "echo $[ {item} ]",
        "a[{item}]=1",
        "echo ${{item}}",
        "echo ${x:-{item}}",
        "let x={item}",
        "true; let {item}",
        "[[ {item} -eq 1 ]]",
        "[[ 1 -lt {item} ]]",
        "for ((i = 0; i < {item}; i++)); do :; done",
        "echo $'\\' {item} '",
    ],
)
def test_a_place_where_quoting_would_not_protect_is_refused(line: str) -> None:
    with pytest.raises(InvalidSpec, match=r"\$CRAB_PARAM_ITEM") as wrong:
        Template(JobSpec(command=Command(shell=line)), ["item"])
    assert wrong.value.field == "shell"


EVIL = "a[$(echo ran >&2)]"
"""Runs a command wherever bash takes it for an expression."""


@pytest.mark.parametrize(
    "line",
    [
        "echo $((1 + 2)) {item}",
        "echo $[1 + 2] {item}",
        "a[0]=1; echo {item}",
        'x=1; echo "${x}" ${x} {item}',
        "for ((i = 0; i < 2; i++)); do echo {item}; done",
        "[[ {item} == b ]] || [ {item} = b ] || [[ 1 -eq 1 ]] && echo {item}",
        "case {item} in *[!0-9]*) exit 0;; esac",
        'let x=1; n={item}; echo "$n"',
        "(echo {item}; (echo {item}))",
    ],
)
def test_in_the_open_nothing_of_a_value_is_run(line: str) -> None:
    spec = member(Command(shell=line), {"item": EVIL})
    assert spec.command.shell is not None
    shell = which("bash") or "/bin/sh"
    ran = subprocess.run(
        [shell, "-c", spec.command.shell], capture_output=True, check=False, text=True
    )
    assert "ran" not in ran.stderr


def test_the_composite_asks_for_nothing_and_cannot_wait_for_anything() -> None:
    spec = JobSpec(
        command=Command(argv=("x",)),
        constraints=Constraints(depends_on=(3,), goal="g", deadline_at=5),
        held=True,
        key="k",
    )
    whole = Template(spec, ["item"]).whole()
    assert whole.kind is Kind.COMPOSITE
    assert whole.constraints == Constraints()
    assert not whole.held
    assert whole.key == "k"
    one = Template(spec, ["item"]).member(ARRAY, 0, {"item": "1"})
    assert one.key is None
    assert one.constraints == spec.constraints
    assert one.held


def test_a_name_that_becomes_too_long_names_the_member() -> None:
    with pytest.raises(InvalidSpec, match="member 3: name: 201 characters"):
        member(Command(argv=("x",)), {"item": "y" * 201}, name="{item}")


@given(st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=30))
@settings(max_examples=40, deadline=None)
def test_a_shell_gets_each_value_as_one_word(value: str) -> None:
    spec = member(Command(shell="printf '%s|' a {item} b"), {"item": value})
    assert spec.command.shell is not None
    assert shlex.split(spec.command.shell) == ["printf", "%s|", "a", value, "b"]
    said = subprocess.run(
        ["/bin/sh", "-c", spec.command.shell], capture_output=True, check=True
    )
    assert said.stdout.decode() == f"a|{value}|b|"


def test_each_members_outputs_are_its_own() -> None:
    spec = JobSpec(command=Command(argv=("t",)), outputs=(Output(path="out/{index}-{lr}.xml"),))
    template = Template(spec, ["lr"])
    [output] = template.member(ARRAY, 3, {"lr": "0.1"}).outputs
    assert output.path == "out/3-0.1.xml"
    assert template.whole().outputs == ()
