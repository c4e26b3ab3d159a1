"""Remapped keys: everything reads them, and what could not be had is said."""

import pytest

from crabtui.acts.actions import ACTIONS
from crabtui.acts.motions import MOTIONS
from crabtui.data.keys.keyfile import KeyFile
from crabtui.data.keys.presets import PRESETS
from crabtui.dialogs.help import Help
from crabtui.dialogs.picker import Picker
from crabtui.key_files import load_keys, usual_path
from crabtui.keymap import STANDARD, keymap_of
from engine.errors import InvalidSpec
from tests.crabtui.scenes import busy_world
from tests.crabtui.seat import seat
from tests.kit.still_clock import StillClock


def keys(tmp_path, text):
    path = tmp_path / "keys.toml"
    path.write_text(text)
    return load_keys(path)


@pytest.mark.parametrize("preset", PRESETS)
def test_presets_name_what_there_is_and_do_not_clash(preset):
    key_map = keymap_of(KeyFile(preset=preset))
    assert key_map.faults == ()
    assert PRESETS[preset].keys() <= {action.id for action in (*ACTIONS, *MOTIONS)}


def test_without_a_file_the_keys_are_the_usual(monkeypatch, tmp_path):
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    found = load_keys()
    assert found.path == usual_path() == tmp_path / "crabtui" / "keys.toml"
    assert found.actions == STANDARD.actions
    assert found.of_widgets == {}
    assert found.faults == ()


def test_a_file_that_was_asked_for_must_be_there(tmp_path):
    with pytest.raises(InvalidSpec, match="there is no file"):
        load_keys(tmp_path / "none.toml")


def test_a_file_that_cannot_be_read_is_told(tmp_path):
    assert "cannot be read" in load_keys(tmp_path).faults[0]
    bad = tmp_path / "bad.toml"
    bad.write_bytes(b"\xff\xfe")
    assert load_keys(bad).faults == ("bad.toml: cannot be read: not UTF-8",)


async def test_footer_menu_palette_and_help_show_the_keys_that_hold(tmp_path):
    key_map = keys(tmp_path, '[keys]\ncancel = "f9"\nhelp = ["f1", "?"]\n')
    async with seat(busy_world(StillClock()), key_map=key_map) as here:
        await here.go_to(1)
        assert here.footer["f9 cancel"]
        assert here.footer["f1 help"]
        await here.press("f9")
        await here.reads("Cancel #1")
        await here.press("n")
        await here.press("x")
        await here.says("x means nothing")
        await here.press("a")
        menu = here.app.screen
        assert isinstance(menu, Picker)
        assert {choice.id: choice.key for choice in menu.choices}["cancel"] == "f9"
        await here.press("escape", "f1")
        await here.reads("f9             Cancel: what runs")


async def test_keys_that_widgets_hear_themselves_follow_too(tmp_path):
    key_map = keys(tmp_path, '[keys]\ndown = ["f7", "down"]\nmark = "f8"\n')
    async with seat(busy_world(StillClock()), key_map=key_map) as here:
        await here.press("g")
        first = here.cursor
        await here.press("f7")
        assert here.cursor != first
        second = here.cursor
        await here.press("j")
        assert here.cursor == second
        await here.press("f8")
        assert here.jobs.table.marks == {second}
        await here.press("space")
        assert here.jobs.table.marks == {second}


async def test_what_the_file_could_not_have_is_said_at_the_start_and_in_the_help(tmp_path):
    key_map = keys(tmp_path, '[keys]\ncancel = "r"\ncancle = "x"\n')
    async with seat(busy_world(StillClock()), key_map=key_map) as here:
        await here.says("2 entries of keys.toml are ignored; ? says why")
        await here.press("question_mark")
        await here.reads(
            "not as the key file wants",
            "keys.toml:2: cancel: r is the key of retry (retry)",
            "did you mean 'cancel'?",
        )


async def test_the_help_is_searched_and_runs_what_is_chosen():
    async with seat(busy_world(StillClock())) as here:
        await here.press("question_mark")
        assert isinstance(here.app.screen, Help)
        await here.type("priority")
        await here.reads("Raise the priority")
        assert "Pause a queue" not in here.text
        await here.press("ctrl+u", "ctrl+k")
        here.app.screen.query_one("Input").value = "only what went wrong"
        await here.until(lambda: "Raise the" not in here.text)
        await here.press("enter")
        await here.until(lambda: here.jobs.look.problems)


async def test_what_cannot_be_run_here_stays_open():
    async with seat(busy_world(StillClock())) as here:
        await here.press("question_mark")
        await here.type("half a page down")
        await here.press("enter")
        assert isinstance(here.app.screen, Help)
        await here.type("zzzz")
        await here.reads("no key is like that")


async def test_in_the_palette_a_long_key_stands_apart_from_its_words():
    async with seat(busy_world(StillClock())) as here:
        await here.press("ctrl+p")
        await here.reads("Show the job's log.")
        await here.type("unfilter")
        await here.reads("backspace unfilter")


async def test_the_palette_finds_by_words_shows_keys_and_no_emoji():
    async with seat(busy_world(StillClock())) as here:
        await here.press("ctrl+p")
        await here.reads("Show the job's log.")
        assert not any(0x1F300 <= ord(letter) <= 0x1FAFF for letter in here.text)
        await here.type("problem")
        await here.until(lambda: "Show the job's log." not in here.text)
        await here.reads("!", "problems")
        await here.press("enter")
        await here.until(lambda: here.jobs.look.problems)
