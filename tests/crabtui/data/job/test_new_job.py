"""The form for a new job: what is submitted is what the line under it says."""

import shlex

import pytest

from crabtui.data.job.new_job import FIELDS, job_of, line_of
from engine.errors import InvalidSpec


def test_words_need_no_shell():
    values = {"command": "make -j8 'two words'", "queue": " gpu ", "cwd": ""}
    assert job_of(values) == {"argv": ["make", "-j8", "two words"], "queue": "gpu"}
    assert line_of(values) == "crabtui submit --queue gpu -- make -j8 'two words'"


@pytest.mark.parametrize(
    "line", ["a | b", "echo $HOME", "ls *.py", "cd x && y", "A=1 b", "a; b"]
)
def test_what_a_shell_must_read_is_given_to_one(line):
    assert job_of({"command": line}) == {"shell": line}
    assert shlex.split(line_of({"command": line})) == ["crabtui", "submit", "--shell", line]


def test_without_a_command_there_is_no_job():
    with pytest.raises(InvalidSpec, match="what is to be run") as caught:
        job_of({"command": "  ", "name": "x"})
    assert caught.value.field == "command"
    assert line_of({"command": "", "name": "x"}) == "crabtui submit --name x --"


def test_an_open_quote_is_told_and_the_line_goes_on():
    with pytest.raises(InvalidSpec, match="quotes") as caught:
        job_of({"command": "echo 'a"})
    assert caught.value.field == "command"
    assert "echo" in line_of({"command": "echo 'a"})


def test_every_field_is_a_flag_of_submit():
    from crabtui.cli.submit import submit

    flags = {option.name for option in submit.params}
    assert {field.name for field in FIELDS} - {"command"} <= flags
