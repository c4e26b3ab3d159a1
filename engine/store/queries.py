"""Named SQL statements: read from a `.sql` file, each with a name and a sentence."""

import re
from collections.abc import Mapping
from importlib.resources import files

NAME = re.compile(r"^-- (\w+) --$", re.MULTILINE)


def load_queries(package: str, file: str = "queries.sql") -> Mapping[str, str]:
    """The statements in a package's `file`, by name, without their comments.

    Raises:
        ValueError: two statements have the same name.
    """
    return parse_queries(files(package).joinpath(file).read_text("utf-8"))


def parse_queries(text: str) -> Mapping[str, str]:
    """The statements in `text`; each begins with a line `-- name --`."""
    _, *parts = NAME.split(text)
    names, bodies = parts[::2], parts[1::2]
    if len(set(names)) != len(names):
        raise ValueError(f"statements with the same name among {', '.join(names)}")
    return {name: _bare(body) for name, body in zip(names, bodies, strict=True)}


def _bare(body: str) -> str:
    lines = (line for line in body.splitlines() if not line.lstrip().startswith("--"))
    return "\n".join(lines).strip().removesuffix(";")
