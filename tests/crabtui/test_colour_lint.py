"""Colours have their names in the theme, and nowhere else."""

import ast
import re
from pathlib import Path

import pytest
from textual.color import COLOR_NAME_TO_RGB

import crabtui

HERE = Path(crabtui.__file__).parent
ELSEWHERE = {"theme.py", "dot.py"}
"""Where colours are named; Graphviz draws on paper, and knows no theme."""
FILES = sorted(path for path in HERE.rglob("*.py") if path.name not in ELSEWHERE)
HEX = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\b|\b(?:rgba?|hsla?)\(")
IN_CSS = re.compile(r"(?:color|background|border\w*|tint|outline)(?:-\w+)*\s*:\s*([^;$}]*)")
PAINTED = {"style", "color", "bgcolor", "background", "foreground"}
PAINTERS = {"parse": 0, "styled": 1, "stylize": 0, "Text": 1, "from_ansi": 0}
"""Calls by the place of their argument that is a style or a colour."""
OF_ANSI = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
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


def styles(tree):
    """Words of styles that are written out: `Style(color="red")`, `Style.parse("bold red")`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        given = [k.value for k in node.keywords if k.arg in PAINTED]
        given += node.args[PAINTERS[name] :][:1] if name in PAINTERS else []
        for value in given:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                words = set(WORD.findall(value.value)) - {"auto", "transparent", "default"}
                yield from (
                    f"{node.lineno}: {w}"
                    for w in words & {*COLOR_NAME_TO_RGB, *(f"bright_{c}" for c in OF_ANSI)}
                )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(HERE)))
def test_no_colour_is_named_outside_the_theme(path):
    tree = ast.parse(path.read_text())
    found = [f"{line}: {colour}" for line, text in texts(tree) for colour in colours(text)]
    assert found + list(styles(tree)) == []


@pytest.mark.parametrize(
    "text", ["#12161C", "a { color: red; }", "a { border-top: solid ansi_blue; }", "rgb(1,2,3)"]
)
def test_a_colour_would_be_found(text):
    assert list(colours(text))


def test_what_is_no_colour_is_left_alone():
    assert not list(colours("job #12345 is red"))
    assert not list(colours("A { color: $crab-bad; border: ascii $crab-line; height: 1fr; }"))


@pytest.mark.parametrize(
    "code",
    [
        "Style(color='red')",
        "Style.parse('bold bright_blue')",
        "Content.styled(name, 'italic green')",
        "Text(name, style='white')",
    ],
)
def test_a_style_that_is_written_out_would_be_found(code):
    assert list(styles(ast.parse(code)))


def test_a_style_without_a_colour_is_left_alone():
    assert not list(styles(ast.parse("Content.styled('red', 'bold')")))
