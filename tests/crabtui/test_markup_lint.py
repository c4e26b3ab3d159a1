"""Text from jobs is never markup: no text of unknown content reaches a markup sink."""

import ast
from pathlib import Path

import pytest

import crabtui

SINKS = {"Static", "Label", "Button", "Option", "Checkbox", "notify", "update"}
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}
SAFE = {"Content", "assemble", "styled", "Text"}
FILES = sorted(Path(crabtui.__file__).parent.rglob("*.py"))


def name_of(call):
    return (
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    )


def is_suspect(node):
    """A built string; names and calls are typed as Content by the type checker."""
    if isinstance(node, ast.Call):
        return name_of(node) in {"format", "join", "str"}
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def has_markup_off(call):
    return any(
        k.arg == "markup" and getattr(k.value, "value", True) is False for k in call.keywords
    )


def faults(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in SINKS and not has_markup_off(node):
            yield from (node.lineno for argument in node.args[:1] if is_suspect(argument))
        if isinstance(node, ast.Call) and name_of(node) == "from_markup":
            yield node.lineno
        if isinstance(node, ast.Assign) and is_suspect(node.value):
            for target in node.targets:
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES:
                    yield node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_built_string_reaches_a_markup_sink(path):
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "code",
    ["Static(f'{name}')", "app.notify('a' + b)", "box.border_title = f'{x}'", "Label(str(x))"],
)
def test_the_lint_bites(code):
    assert list(faults(ast.parse(code))) == [1]
