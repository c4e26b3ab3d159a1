"""One verb of the command bar: its words, what completes them, and what it does."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from crabtui.acts.plan import LOOKS_ONLY
from crabtui.data.suggest import Suggestion
from engine.errors import InvalidSpec

if TYPE_CHECKING:
    from crabtui.desk import Desk

CarryOut = Callable[[], object]
"""What does it, once the line is understood and the prompt is closed."""


@dataclass(frozen=True, slots=True)
class Command:
    """One line of the command bar, parted into its verb and what follows."""

    verb: str
    rest: str = ""

    @property
    def words(self) -> list[str]:
        """What follows the verb, word by word."""
        return self.rest.split()


Prepare = Callable[["Desk", Command], CarryOut]
"""Understands a line. Raises InvalidSpec: it means nothing; the prompt says so and stays."""

Complete = Callable[["Desk", str], Sequence[Suggestion]]
"""What may stand next in the text after the verb; places are counted in that text."""


def may_write(app: "Desk") -> None:
    """Raises InvalidSpec: whoever looks on may write no file."""
    if app.never_acts:
        raise InvalidSpec(LOOKS_ONLY)


def nothing(_: "Desk", __: str) -> Sequence[Suggestion]:
    """Nothing to offer."""
    return ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Verb:
    """One verb of the command bar."""

    name: str
    use: str
    """The words that follow, as `QUEUE N`."""
    help: str
    """What it does, in a few words."""
    prepare: Prepare
    complete: Complete = nothing
    wants: int = 0
    """How many words it needs."""
    aliases: tuple[str, ...] = ()

    @property
    def line(self) -> str:
        """How it is used, in one line."""
        return f"{f'{self.name} {self.use}'.strip()}: {self.help}"


def offer(names: Iterable[tuple[str, str]], rest: str, *, place: int = 0) -> list[Suggestion]:
    """Those of `names` (each with a hint) that begin like the word now being typed.

    Nothing if that is not the word at `place`, from 0.
    """
    before, _, word = rest.rpartition(" ")
    if len(before.split()) != place:
        return []
    start = len(rest) - len(word)
    low = word.lower()
    return [
        Suggestion(name, start, len(rest), hint)
        for name, hint in names
        if name.lower().startswith(low) and name != word
    ]
