"""The filter's syntax tree: frozen, comparable, and written back as text that parses."""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from engine.model.filter.values import NUMERAL, Value, Word, quoted


class Op(StrEnum):
    """How a field is compared."""

    HAS = ":"
    IS = "="
    IS_NOT = "!="
    LIKE = "~"
    UNLIKE = "!~"
    OVER = ">"
    FROM = ">="
    UNDER = "<"
    UPTO = "<="

    @property
    def negative(self) -> bool:
        """True when it is the opposite of another one."""
        return self in (Op.IS_NOT, Op.UNLIKE)

    @property
    def ordered(self) -> bool:
        """True when it needs values that have an order."""
        return self in (Op.OVER, Op.FROM, Op.UNDER, Op.UPTO)


@dataclass(frozen=True, slots=True)
class Term:
    """One field compared with any of some values; `path` is for `meta` and `args`."""

    field: str
    op: Op
    values: tuple[Value, ...]
    path: tuple[str, ...] = ()

    def __str__(self) -> str:
        name = ".".join((self.field, *self.path))
        return f"{name}{self.op}{','.join(self._written(value) for value in self.values)}"

    def _written(self, value: Value) -> str:
        """`value`; where numbers are possible, a word that looks like one needs quotes."""
        if self.path and isinstance(value, Word) and NUMERAL.fullmatch(value.text):
            return quoted(value.text)
        return str(value)


@dataclass(frozen=True, slots=True)
class Text:
    """A word, phrase, glob or regular expression looked for in id, name and tags."""

    value: Value

    def __str__(self) -> str:
        return str(self.value)


@dataclass(frozen=True, slots=True)
class Not:
    """Everything that `part` does not match."""

    part: "Node"

    def __str__(self) -> str:
        inner = str(self.part)
        return f"!({inner})" if isinstance(self.part, And | Or | Not) else f"!{inner}"


@dataclass(frozen=True, slots=True)
class And:
    """What all of at least two parts match."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " ".join(f"({p})" if isinstance(p, Or | And) else str(p) for p in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """What any of at least two parts matches."""

    parts: tuple["Node", ...]

    def __str__(self) -> str:
        return " | ".join(f"({p})" if isinstance(p, Or) else str(p) for p in self.parts)


Node: TypeAlias = And | Or | Not | Term | Text


@dataclass(frozen=True, slots=True)
class Query:
    """A filter that was understood; without a root it matches every job."""

    root: Node | None = None

    @property
    def is_empty(self) -> bool:
        """True when it leaves nothing out."""
        return self.root is None

    @property
    def text(self) -> str:
        """The one way to write it; parses to the same query, wherever the reader lives."""
        return "" if self.root is None else str(self.root)


EMPTY = Query()
"""The filter that every job passes."""
