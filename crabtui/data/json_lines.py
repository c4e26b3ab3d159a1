"""JSON as coloured lines: names muted, texts plain, numbers and words in the link colour."""

import json
import re
from collections.abc import Iterator
from typing import Any, Final

from crabtui.data.glyphs import Cell
from crabtui.data.sanitize import sanitize

_LINE: Final = re.compile(r'(\s*)("(?:[^"\\]|\\.)*": )?(.*)', re.S)


def lines(value: Any) -> Iterator[list[Cell]]:
    """One line for each line of the indented text; no name of `value` is left out."""
    for line in json.dumps(value, indent=2, ensure_ascii=False).split("\n"):
        found = _LINE.fullmatch(line)
        if found is None:
            yield [(sanitize(line), "text")]
            continue
        indent, name, rest = found.groups()
        is_word = rest[:1] not in ('"', "{", "[", "}", "]", "")
        yield [
            (f" {indent}{sanitize(name or '')}", "muted"),
            (sanitize(rest), "link" if is_word else "text"),
        ]
