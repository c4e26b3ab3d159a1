"""Colours have their names in the theme, and nowhere else."""

import ast
import re
from pathlib import Path

import pytest
from textual.color import COLOR_NAME_TO_RGB

import crabtui

HERE = Path(crabtui.__file__).parent
FILES = sorted(path for path in HERE.rglob("*.py") if path.name != "theme.py")
HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgba?|hsla?)\(")
IN_CSS = re.compile(r"(?:color|background|border\w*|tint|outline)(?:-\w+)*\s*:\s*([^;$}]*)")
WORD = re.compile(r"[a-z_]+")


def texts(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


def colours(text):
    """What names a colour in a text: by its numbers, or by its word in a stylesheet."""
    yield from HEX.findall(text)
    for value in IN_CSS.findall(text) if "{" in text else ():
        yield from (
            w for w in WORD.findall(value) if w in COLOR_NAME_TO_RGB and w != "transparent"
        )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_colour_is_named_outside_the_theme(path):
    found = [
        f"{line}: {colour}"
        for line, text in texts(ast.parse(path.read_text()))
        for colour in colours(text)
    ]
    assert found == []


@pytest.mark.parametrize(
    "text", ["#12161C", "a { color: red; }", "a { border-top: solid ansi_blue; }", "rgb(1,2,3)"]
)
def test_a_colour_would_be_found(text):
    assert list(colours(text))


def test_what_is_no_colour_is_left_alone():
    assert not list(colours("job #12345 is red"))
    assert not list(colours("A { color: $crab-bad; border: ascii $crab-line; height: 1fr; }"))
