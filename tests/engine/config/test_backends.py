"""Backends in the configuration: names that there are, and options as a table."""

import tomllib
from pathlib import Path

import pytest

from engine.config import load, read_worker
from engine.config.backends import OPTIONS
from engine.errors import InvalidSpec


def test_an_unknown_backend_names_the_nearest() -> None:
    with pytest.raises(InvalidSpec) as refused:
        read_worker("w", {"backend": "shs"}, "file")
    assert refused.value.nearest == "ssh"


def test_a_package_that_is_gone_is_no_reason_not_to_start() -> None:
    assert read_worker("w", {"backend": "kubernetes"}, "file").backend == "kubernetes"


@pytest.mark.parametrize("name", ["", "a b", "-", 7])
def test_what_can_be_no_name_is_refused(name: object) -> None:
    with pytest.raises(InvalidSpec, match="backend"):
        read_worker("w", {"backend": name}, "file")


def test_ours_take_no_options() -> None:
    with pytest.raises(InvalidSpec, match="packages bring"):
        read_worker("w", {"options": {"a": 1}}, "file")


def test_this_machine_is_local() -> None:
    with pytest.raises(InvalidSpec, match="is this machine"):
        read_worker("local", {"backend": "mock"}, "file")


def test_what_is_for_ssh_is_for_ssh() -> None:
    with pytest.raises(InvalidSpec, match="ssh"):
        read_worker("w", {"backend": "mock", "address": "a@b"}, "file")


@pytest.mark.parametrize("wrong", [7, "x", [1]])
def test_options_are_a_table(wrong: object) -> None:
    with pytest.raises(InvalidSpec, match="options"):
        read_worker("w", {"backend": "mock", "options": wrong}, "file")


def test_other_workers_options_are_another_place() -> None:
    one = read_worker("w", {"backend": "mock", "options": {"cpus": 1}}, "file")
    other = read_worker("w", {"backend": "mock", "options": {"cpus": 2}}, "file")
    assert not one.is_same_place(other)
    assert not one.is_reached_as(other)
    assert read_worker("w", one.way(), "the database") == one


def test_options_are_shown_as_they_are_written(tmp_path: Path) -> None:
    text = '[workers.w]\nbackend = "mock"\n[workers.w.options]\ncpus = 2\n'
    text += '"a b" = ["x", {c = true}]\n'
    (tmp_path / "config.toml").write_text(text)
    found = load(tmp_path, environ={"XDG_CONFIG_HOME": str(tmp_path / "none")})
    shown = found.shown["workers.w.options"].value
    assert tomllib.loads(f"v = {shown}")["v"] == {"cpus": 2, "a b": ["x", {"c": True}]}
    assert found.workers["w"].options["cpus"] == 2


def test_dates_are_no_options() -> None:
    at = tomllib.loads("at = 2026-01-01")
    with pytest.raises(InvalidSpec, match="options"):
        read_worker("w", {"backend": "mock", "options": at}, "file")


def test_options_survive_their_text() -> None:
    value = {"a": 'q"\\\n', "b": [1, 2.5, False], "c": {"d": []}}
    assert tomllib.loads(f"v = {OPTIONS.write(value)}")["v"] == value
