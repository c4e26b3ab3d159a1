"""Key files: what is understood, and what is told of the rest."""

import pytest

from crabtui.data.keys.keyfile import Wish, read_keyfile
from crabtui.data.keys.names import FORBIDDEN, NAMES, read_key, shown
from crabtui.data.keys.presets import PRESETS
from engine.errors import InvalidSpec

ACTIONS = ("cancel", "kill", "undo", "show_log")


def read(text):
    return read_keyfile(text, "keys.toml", actions=ACTIONS, presets=PRESETS)


@pytest.mark.parametrize(
    ("written", "key"),
    [
        ("x", "x"),
        ("X", "X"),
        ("shift+x", "X"),
        ("?", "question_mark"),
        ("+", "plus"),
        ("ctrl++", "ctrl+plus"),
        ("Esc", "escape"),
        ("pgdn", "pagedown"),
        ("F9", "f9"),
        ("Ctrl+P", "ctrl+P"),
        ("shift+ctrl+f5", "ctrl+shift+f5"),
        ("alt+<", "alt+less_than_sign"),
        ("ä", "latin_small_letter_a_with_diaeresis"),
    ],
)
def test_keys_are_read_as_people_write_them(written, key):
    assert read_key(written) == key


@pytest.mark.parametrize("name", NAMES)
def test_what_is_shown_is_read_back(name):
    assert read_key(shown(name)) == name
    assert read_key(f"alt+{shown(name)}") == f"alt+{name}"


@pytest.mark.parametrize("chord", FORBIDDEN)
def test_chords_that_never_arrive_are_refused_with_the_reason(chord):
    with pytest.raises(InvalidSpec, match="cannot be used: "):
        read_key(shown(chord))


@pytest.mark.parametrize("written", ["", "f99", "hyper+x", "ctrl+", "two words"])
def test_no_keys(written):
    with pytest.raises(InvalidSpec, match="is no key"):
        read_key(written)


def test_a_slip_is_told_with_what_was_meant():
    with pytest.raises(InvalidSpec, match="did you mean 'escape'") as caught:
        read_key("escpae")
    assert caught.value.nearest == "escape"


def test_a_file_that_is_right():
    file = read('[keys]\npreset = "htop"\ncancel = "f9"\nkill = ["X", "f10"]\nundo = []\n')
    assert file.preset == "htop"
    assert file.faults == ()
    assert file.wishes == (
        Wish("cancel", ("f9",), "keys.toml:3"),
        Wish("kill", ("X", "f10"), "keys.toml:4"),
        Wish("undo", (), "keys.toml:5"),
    )


def test_each_fault_names_its_line_and_the_rest_counts():
    file = read(
        '[keys]\ncancle = "x"\nkill = 7\nshow_log = "ctrl+s"\nundo = "b"\n\npreset = "htpo"\n'
    )
    assert [wish.action for wish in file.wishes] == ["undo"]
    assert file.preset == "default"
    assert file.faults == (
        "keys.toml:7: unknown preset 'htpo': did you mean 'htop'?",
        "keys.toml:2: unknown action 'cancle': did you mean 'cancel'?",
        'keys.toml:3: kill: takes a key, as "x", or a list of keys',
        "keys.toml:4: show_log: 'ctrl+s' cannot be used: terminals stop their output at it",
    )


def test_a_table_of_another_name_is_told():
    assert read('[kyes]\ncancel = "x"\n').faults == (
        "keys.toml:1: unknown entry 'kyes': did you mean 'keys'?",
    )


def test_what_is_no_toml_changes_nothing():
    file = read("[keys\ncancel = x")
    assert not file.wishes
    assert "keys.toml: not TOML" in file.faults[0]
    assert "line 1" in file.faults[0]


def test_a_dotted_entry_is_found():
    assert read('keys.cancle = "x"\n').faults[0].startswith("keys.toml:1: ")
