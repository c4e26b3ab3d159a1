"""The tree in the docstring is the tree in the code, and codes tell its leaves apart."""

import re

from engine import errors


def names_and_depths(tree: str) -> list[tuple[int, str]]:
    """Read a drawn tree: (depth, name) per line, root first."""
    found = re.findall(r"^([│├└─ ]*)(\w+)", tree, re.MULTILINE)
    return [(len(indent) // 4, name) for indent, name in found]


def walk(kind: type[Exception], depth: int = 0) -> list[tuple[int, str]]:
    """The tree in the code; without classes that other modules add."""
    children = [child for child in kind.__subclasses__() if child.__module__ == errors.__name__]
    below = [line for child in children for line in walk(child, depth + 1)]
    return [(depth, kind.__name__), *below]


def test_the_docstring_draws_the_tree() -> None:
    picture = (errors.__doc__ or "").split("\n\n")[1]
    assert names_and_depths(picture) == walk(errors.EngineError)


def test_every_error_has_a_code_of_its_own() -> None:
    names = [name for _, name in walk(errors.EngineError)]
    assert sorted(kind.__name__ for kind in errors.BY_CODE.values()) == sorted(names)
    assert all(kind.code == code for code, kind in errors.BY_CODE.items())


def test_an_error_keeps_what_a_program_needs() -> None:
    error = errors.InvalidSpec("no", field="cwd", nearest="pwd", details={"at": 3})
    assert str(error) == error.message == "no"
    assert (error.field, error.nearest, error.details) == ("cwd", "pwd", {"at": 3})
    assert error.category is errors.Category.VALIDATION
    assert not error.retryable
