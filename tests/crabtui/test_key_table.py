"""Every key of the design is there, and every key that is there is in the README's table."""

import re
from pathlib import Path

import pytest

from crabtui.data.keys.names import read_key
from crabtui.keymap import STANDARD
from screenshots.keys import keys

README = Path(__file__).parents[2] / "README.md"

DESIGNED = tuple(
    """
1 2 3 4 5 6 7 8 : ctrl+p / ? esc enter [ ] alt+left alt+right @ tab shift+tab z o q ctrl+q
j k down up g G ctrl+d ctrl+u pgdn pgup left right space v * M f Z ctrl+r H n
s < > I C W ! t T a x X r + - = _ p P D R S A % u U w l d e N & ctrl+g m ' shift+left
shift+right shift+down shift+up 0 c y Y E b J ,
""".split()  # noqa: SIM905 - a table to read
)
"""All keys of the design's table."""

IN_WIDGETS = {"shift+down", "shift+up"}
"""Ranges, which tables hear alone."""


def known():
    every = (*STANDARD.actions, *STANDARD.motions)
    return {key for action in every for key in action.keys}


@pytest.mark.parametrize("key", DESIGNED)
def test_every_key_of_the_design_means_something(key):
    assert read_key(key) in known() | IN_WIDGETS


def test_every_key_is_in_the_readme():
    table = README.read_text().partition("<!-- keys")[2].partition("<!-- /keys -->")[0]
    shown = {key for row in re.findall(r"^\| (.*?) \| ", table, re.M) for key in row.split()}
    for words, _, _ in STANDARD.table():
        for key in words.split():
            assert {f"`{key}`", key} & shown, key


def test_the_readme_has_the_table_of_today():
    assert keys() in README.read_text(), "run: python -m screenshots.keys"
