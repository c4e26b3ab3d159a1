"""A spec says exactly what was ordered, whatever is in it."""

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runner.faults import BadRequestError
from engine.runner.spec import Spec, quote, render

texts = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(texts, min_size=1, max_size=8))
def test_a_quoted_word_is_itself_again(words: list[str]) -> None:
    script = "printf '%s\\0' " + " ".join(map(quote, words))
    done = subprocess.run(["/bin/sh", "-c", script], capture_output=True, check=True, env={})
    assert done.stdout.decode().split("\0")[:-1] == words


@settings(max_examples=60, deadline=None)
@given(texts, st.dictionaries(st.from_regex(r"\A[A-Z_a-z.]{1,9}\Z"), texts, max_size=5))
def test_the_script_is_one_header_and_nothing_runs_early(
    word: str, env: dict[str, str]
) -> None:
    script = render(Spec(argv=[word or "x"], env=list(env.items())))
    tracer = "enter() { :; }; launch() { printf '%s\\0' \"$@\"; }\n"
    done = subprocess.run(
        ["/bin/sh"], input=tracer.encode() + script, capture_output=True, check=True, env={}
    )
    assert done.stdout.decode().split("\0")[-2] == (word or "x")
    assert done.stderr == b""


def test_limits_are_in_the_header() -> None:
    spec = Spec(argv=["x"], soft_ms=1, hard_ms=2, grace_ms=3, lease_ms=4, log_stop_bytes=5)
    assert render(spec).startswith(b"#crab grace=3 soft=1 hard=2 lease=4 cap=5\n")


@pytest.mark.parametrize(
    "spec",
    [
        Spec(argv=[]),
        Spec(argv=[""]),
        Spec(argv=["x"], cwd="relative"),
        Spec(argv=["x\0"]),
        Spec(argv=["x"], env=[("A=B", "1")]),
        Spec(argv=["x"], env=[("", "1")]),
        Spec(argv=["x"], env=[("A", "\0")]),
        Spec(argv=["x"], stdin="\0"),
        Spec(argv=["\ud800"]),
    ],
)
def test_what_no_process_can_be_given_is_refused(spec: Spec) -> None:
    with pytest.raises(BadRequestError):
        render(spec)


@pytest.mark.parametrize(
    "name", ["TOKEN", "token", "apiToken", "db_password", "secret2", "_apikey"]
)
def test_a_secret_is_in_no_command_line(name: str) -> None:
    script = render(Spec(argv=["x"], env=[(name, "hush")])).decode()
    [line] = [line for line in script.splitlines() if "hush" in line]
    assert line == f"{{ export {name}='hush'; }} 2>/dev/null"
