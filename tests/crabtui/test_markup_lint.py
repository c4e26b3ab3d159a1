"""Text from jobs is never markup: no text of unknown content reaches a markup sink."""

import ast
from pathlib import Path

import pytest

import crabtui

SINKS = {"Static", "Label", "Button", "Option", "Checkbox", "notify", "update"}
SINKS |= {"OptionList", "add_option", "RadioButton", "TabPane", "Collapsible"}
NAMED = {"content", "message", "title", "label", "prompt", "tooltip"}
"""Arguments of sinks that are read as markup."""
ATTRIBUTES = {"border_title", "border_subtitle", "tooltip"}
SAFE = {"Content", "assemble", "styled", "Text"}
FILES = sorted(Path(crabtui.__file__).parent.rglob("*.py"))


def name_of(call):
    return (
        call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
    )


def is_of_content(call):
    """`Content(…).join(…)`, which makes no string."""
    made_by = getattr(call.func, "value", None)
    return isinstance(made_by, ast.Call) and name_of(made_by) in SAFE


def is_suspect(node):
    """A built string; names and calls are typed as Content by the type checker."""
    if isinstance(node, ast.IfExp):
        return is_suspect(node.body) or is_suspect(node.orelse)
    if isinstance(node, ast.Call):
        return name_of(node) in {"format", "join", "str"} and not is_of_content(node)
    return isinstance(node, ast.JoinedStr | ast.BinOp)


def has_markup_off(call):
    return any(
        k.arg == "markup" and getattr(k.value, "value", True) is False for k in call.keywords
    )


def handed(call):
    """What a sink is given to show."""
    yield from call.args
    yield from (k.value for k in call.keywords if k.arg in NAMED)


def assigned(node):
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign | ast.AugAssign) else []


def built(tree):
    """Names that are given a built string, by the function that they are in."""
    for scope in ast.walk(tree):
        if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            names = {
                target.id
                for node in ast.walk(scope)
                for target in assigned(node)
                if isinstance(target, ast.Name) and node.value and is_suspect(node.value)
            }
            yield scope, names


def faults(tree):
    for scope, names in built(tree):
        for call in ast.walk(scope):
            if not isinstance(call, ast.Call) or name_of(call) not in SINKS:
                continue
            if not has_markup_off(call):
                yield from (
                    each.lineno
                    for each in handed(call)
                    if isinstance(each, ast.Name) and each.id in names
                )
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and name_of(node) in SINKS and not has_markup_off(node):
            yield from (node.lineno for argument in handed(node) if is_suspect(argument))
        if isinstance(node, ast.Call) and name_of(node) == "from_markup":
            yield node.lineno
        if assigned(node) and node.value and is_suspect(node.value):
            for target in assigned(node):
                if isinstance(target, ast.Attribute) and target.attr in ATTRIBUTES:
                    yield node.lineno


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_built_string_reaches_a_markup_sink(path):
    assert list(faults(ast.parse(path.read_text()))) == []


@pytest.mark.parametrize(
    "code",
    [
        "Static(f'{name}')",
        "app.notify('a' + b)",
        "box.border_title = f'{x}'",
        "box.border_title += f'{x}'",
        "Label(str(x))",
        "app.notify(message=f'{x}')",
        "Static('a' if y else f'{x}')",
        "menu.add_option(', '.join(x))",
        "def a(): text = f'{x}'; Static(text)",
    ],
)
def test_the_lint_bites(code):
    assert list(faults(ast.parse(code))) == [1]
