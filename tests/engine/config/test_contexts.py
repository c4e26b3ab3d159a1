"""Contexts and looks of the console: read from the user's file, checked by the daemon too."""

from pathlib import Path

import pytest

from engine.config import check, read_client_config
from engine.errors import InvalidSpec

GOOD = """
[contexts.prod]
host = "ana@atlas"
protected = true
accent = "bad"

[contexts.here]
state = "/srv/crab"

[console]
theme = "crab-light"
refresh = "2s"
"""


def written(folder: Path, text: str) -> Path:
    file = folder / "crabtui" / "config.toml"
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
    return file


def test_a_client_reads_its_contexts_and_its_looks(tmp_path: Path) -> None:
    file = written(tmp_path, GOOD)
    told = read_client_config({"XDG_CONFIG_HOME": str(tmp_path), "CRABTUI_CONSOLE_UTC": "true"})
    prod, here = told.context("prod"), told.context("here")
    assert (prod.host, prod.state, prod.is_protected, prod.accent) == (
        "ana@atlas",
        None,
        True,
        "bad",
    )
    assert (here.host, here.state, here.is_protected) == (None, "/srv/crab", False)
    assert told.console["theme"] == "crab-light"
    assert told.console["refresh"] == 2_000
    assert told.console["utc"] is True
    assert told.sources["theme"] == f"{file}:11"
    assert told.sources["mouse"] == "default"


def test_the_nearest_context_is_named(tmp_path: Path) -> None:
    written(tmp_path, GOOD)
    told = read_client_config({"XDG_CONFIG_HOME": str(tmp_path)})
    with pytest.raises(InvalidSpec, match="'prod'"):
        told.context("prd")


def test_without_any_the_way_to_one_is_told(tmp_path: Path) -> None:
    told = read_client_config({"XDG_CONFIG_HOME": str(tmp_path)})
    with pytest.raises(InvalidSpec, match=r"\[contexts\.prod\]"):
        told.context("prod")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[contexts.a]\nprotected = true", "neither a `state` nor a `host`"),
        ('[contexts.a]\nhost = "b"\nstate = "/c"', "both"),
        ('[contexts.a]\nhost = "b"\naccent = "redd"', "accent"),
        ('[console]\nmouse = "loud"', "mouse"),
        ('[console]\nbell = "loud"', "bell"),
        ('[console]\nthem = "x"', "theme"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, text: str, says: str) -> None:
    file = written(tmp_path, text)
    with pytest.raises(InvalidSpec, match=says) as wrong:
        check(tmp_path, file)
    assert str(file) in wrong.value.message
