"""Searching with a stranger's regular expression, in time linear in the text.

The tree becomes a graph without back tracking (Thompson, 1968), of which sets of places
are walked and remembered: no pattern can make one search slow.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from engine.model.filter.regex_syntax import (
    BadRegex,
    Chars,
    Edge,
    Either,
    Row,
    Times,
    Tree,
    parse_regex,
)
from engine.model.filter.scanner import bad

MAX_REGEX: Final = 200
MAX_NODES: Final = 2_000
MAX_SEARCHED: Final = 2_000
"""Characters of a text that are looked at."""
_MAX_STEPS: Final = 20_000
_FOUND: Final = 0


def check_regex(pattern: str, at: int) -> None:
    """Refuse what is no regular expression of the subset; `at` is its column.

    Raises:
        InvalidSpec: it is too long, too large, or wrong.
    """
    if len(pattern) > MAX_REGEX:
        raise bad(f"this regular expression is longer than {MAX_REGEX} characters", at)
    try:
        _search(pattern)
    except BadRegex as problem:
        raise bad(f"bad regular expression {pattern[:60]!r}: {problem}", at) from None


def regex_found(pattern: str, text: str) -> bool:
    """True if a checked `pattern` occurs in the first 2 000 characters of `text`."""
    return _search(pattern).found(text[:MAX_SEARCHED])


def regex_occurs(pattern: str, text: str) -> bool:
    """True if `pattern` occurs anywhere in `text`. Raises: BadRegex."""
    return _search(pattern).found(text)


def regex_spans(pattern: str, text: str) -> list[tuple[int, int]]:
    """Where `pattern` occurs: from the left, the longest each time, none of them empty.

    It takes time as the square of the text's length at worst. Raises: BadRegex.
    """
    return _search(pattern).spans(text)


@dataclass(slots=True)
class _Node:
    """A place in the graph: a character or an edge to pass, then the next places."""

    test: Chars | Edge | None = None
    next: list[int] = field(default_factory=list)


class _Graph:
    """Place 0 is the end; `start` is where every match begins."""

    def __init__(self, tree: Tree) -> None:
        self.nodes = [_Node()]
        self.start = self.add(tree, _FOUND)

    def node(self, test: Chars | Edge | None, following: Iterable[int]) -> int:
        if len(self.nodes) >= MAX_NODES:
            raise BadRegex("its repeats make it too large")
        self.nodes.append(_Node(test, list(following)))
        return len(self.nodes) - 1

    def add(self, tree: Tree, then: int) -> int:
        """The place where `tree` begins, if `then` is what follows it."""
        match tree:
            case Row(parts):
                for part in reversed(parts):
                    then = self.add(part, then)
                return then
            case Either(parts):
                return self.node(None, [self.add(part, then) for part in parts])
            case Times(part, least, most):
                return self.times(part, least, most, then)
        return self.node(tree, [then])

    def times(self, part: Tree, least: int, most: int | None, then: int) -> int:
        if most is None:
            again = self.node(None, [then])
            self.nodes[again].next.append(self.add(part, again))
            then = again
        else:
            after = then
            for _ in range(most - least):
                then = self.node(None, [after, self.add(part, then)])
        for _ in range(least):
            then = self.add(part, then)
        return then

    def reach(self, places: Iterable[int], *, at_start: bool, at_end: bool) -> frozenset[int]:
        """All places that can be reached from `places` without a further character."""
        found: set[int] = set()
        left = list(places)
        while left:
            place = left.pop()
            if place in found:
                continue
            found.add(place)
            node = self.nodes[place]
            edge = node.test
            if edge is None or (
                isinstance(edge, Edge) and (at_end if edge.is_end else at_start)
            ):
                left.extend(node.next)
        return frozenset(found)

    def step(self, places: frozenset[int], char: str, *, anew: bool = True) -> frozenset[int]:
        """Where `char` leads from `places`, or, `anew`, from a match that begins after it."""
        passed = [self.start] if anew else []
        for place in places:
            node = self.nodes[place]
            if isinstance(node.test, Chars) and node.test.has(char):
                passed.extend(node.next)
        return self.reach(passed, at_start=False, at_end=False)


class _Search:
    def __init__(self, pattern: str) -> None:
        self._graph = _Graph(parse_regex(pattern))
        self._first = self._graph.reach([self._graph.start], at_start=True, at_end=False)
        self._steps: dict[tuple[frozenset[int], str], frozenset[int]] = {}
        self._further: dict[tuple[frozenset[int], str], frozenset[int]] = {}

    def found(self, text: str) -> bool:
        places = self._first
        for char in text:
            if _FOUND in places:
                return True
            places = self._step(places, char)
        ended = self._graph.reach(places, at_start=not text, at_end=True)
        return _FOUND in ended

    def spans(self, text: str) -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        at = 0
        while at < len(text):
            end = self._end_of(text, at)
            if end > at:
                found.append((at, end))
            at = max(end, at + 1)
        return found

    def _end_of(self, text: str, start: int) -> int:
        """Where the longest match that begins at `start` ends; `start` if there is none."""
        graph, end = self._graph, start
        places = graph.reach([graph.start], at_start=start == 0, at_end=False)
        for place in range(start, len(text)):
            if not places:
                break
            places = self._alone(places, text[place])
            if _FOUND in places:
                end = place + 1
        else:
            if _FOUND in graph.reach(places, at_start=False, at_end=True):
                end = len(text)
        return end

    def _alone(self, places: frozenset[int], char: str) -> frozenset[int]:
        following = self._further.get((places, char))
        if following is None:
            if len(self._further) >= _MAX_STEPS:
                self._further.clear()
            following = self._graph.step(places, char, anew=False)
            self._further[places, char] = following
        return following

    def _step(self, places: frozenset[int], char: str) -> frozenset[int]:
        following = self._steps.get((places, char))
        if following is None:
            if len(self._steps) >= _MAX_STEPS:
                self._steps.clear()
            following = self._graph.step(places, char)
            self._steps[places, char] = following
        return following


@lru_cache(maxsize=64)
def _search(pattern: str) -> _Search:
    return _Search(pattern)
