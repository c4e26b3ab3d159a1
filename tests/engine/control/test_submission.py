"""A submission from Python has what a command's has."""

import os
from pathlib import Path

import pytest

from engine.control.submission import submission


def test_it_has_folder_environment_and_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("API_TOKEN", "secret")
    made = submission({"command": "a"}, {"command": "b"}, defaults={"queue": "q"})
    assert [job["command"] for job in made.jobs] == ["a", "b"]
    assert (made.defaults, made.cwd) == ({"queue": "q"}, str(tmp_path))
    assert made.env["PATH"] == os.environ["PATH"]
    assert "API_TOKEN" not in made.env
    assert made.request_key
    assert made.request_key != submission({"command": "a"}).request_key


def test_what_is_said_counts() -> None:
    made = submission({"command": "a"}, cwd="/w", env={"A": "1"}, request_key="k")
    assert (made.cwd, made.env, made.request_key) == ("/w", {"A": "1"}, "k")
