"""Where the state is: flag, then environment, then the system's place."""

from pathlib import Path

import pytest

from engine.control import place
from engine.errors import UnusableState


def test_the_flag_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"CRABTUI_STATE": "/env"}
    assert place.state_dir("/flag", environ) == Path("/flag")
    assert place.state_dir("here", environ) == tmp_path / "here"
    assert place.state_dir(None, environ) == Path("/env")


def test_else_it_is_the_systems_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", "/xdg")
    found = place.state_dir(None, {})
    assert found.is_absolute()
    assert found.name == "crabtui"


def test_the_door_is_in_it() -> None:
    assert place.door(Path("/s")) == Path("/s/run/door")


def test_the_limit_counts_bytes() -> None:
    longest = Path("/" + "é" * ((place.LIMIT_BYTES - len("//run/door")) // 2))
    assert place.door(longest)
    with pytest.raises(UnusableState) as caught:
        place.door(Path(f"{longest}é"))
    assert str(longest) in caught.value.message
    assert caught.value.details["limit"] == 100
