"""Nothing of ours touches, or hides, what Textual keeps to itself."""

import ast
import functools
import importlib
import inspect
import pkgutil
import textwrap
from pathlib import Path

import pytest

import crabtui

HERE = Path(crabtui.__file__).parent
MODULES = [
    module.name
    for module in pkgutil.walk_packages([str(HERE)], "crabtui.")
    if not module.name.startswith(("crabtui.__main__", "crabtui.demo"))
]


def is_private(name):
    return name.startswith("_") and not name.startswith("__")


def of_self(tree):
    """Private names that are used as attributes of `self` or `cls`."""
    return {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id in ("self", "cls")
        and is_private(node.attr)
    }


def written_in(body):
    """Private names that a class gives its methods and attributes."""
    named = {getattr(node, "name", "") for node in body.body}
    targets = [t for n in body.body if isinstance(n, ast.Assign) for t in n.targets]
    targets += [node.target for node in body.body if isinstance(node, ast.AnnAssign)]
    return {n for n in named | {getattr(t, "id", "") for t in targets} if is_private(n)}


@functools.cache
def kept_by(kind):
    """The private names that a class of Textual has, set in its body or by its methods."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    return of_self(tree) | {name for name in vars(kind) if is_private(name)}


def theirs(kind):
    """All that Textual keeps to itself in the bases of a class."""
    bases = [base for base in kind.__mro__ if base.__module__.startswith("textual.")]
    return set().union(*map(kept_by, bases))


def our_classes():
    for name in MODULES:
        module = importlib.import_module(name)
        for kind in vars(module).values():
            if inspect.isclass(kind) and kind.__module__ == name and theirs(kind):
                yield kind


CLASSES = sorted(our_classes(), key=lambda kind: f"{kind.__module__}.{kind.__qualname__}")


@pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__qualname__)
def test_no_class_uses_or_hides_a_private_name_of_textual(kind):
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    ours = of_self(tree) | written_in(tree.body[0])
    assert sorted(ours & theirs(kind)) == []


def others_private(tree):
    """(line, name) of private attributes of anything but `self` and `cls`."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute) or not is_private(node.attr):
            continue
        if not (isinstance(node.value, ast.Name) and node.value.id in ("self", "cls", "os")):
            yield node.lineno, node.attr


@pytest.mark.parametrize(
    "path", sorted(HERE.rglob("*.py")), ids=lambda p: str(p.relative_to(HERE))
)
def test_no_module_reaches_into_another_object(path):
    tree = ast.parse(path.read_text())
    own = of_self(tree) | {
        node.name
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    found = [f"{line}: {name}" for line, name in others_private(tree) if name not in own]
    assert found == []


def test_a_use_would_be_found():
    assert of_self(ast.parse("class A:\n def f(self): self._nodes")) == {"_nodes"}
    assert list(others_private(ast.parse("app._driver.write('x')"))) == [(1, "_driver")]
    assert "_nodes" in theirs(importlib.import_module("crabtui.app").CrabApp)
