"""Lines that are made when they are drawn: there may be thousands."""

from collections.abc import Callable, Sequence
from typing import overload

from crabtui.data.glyphs import Cell


class Lines(Sequence[list[Cell]]):
    """So many lines, each made by its place."""

    def __init__(self, number: int, make: Callable[[int], list[Cell]]) -> None:
        self._number = number
        self._make = make

    def __len__(self) -> int:
        return self._number

    @overload
    def __getitem__(self, place: int) -> list[Cell]: ...
    @overload
    def __getitem__(self, place: slice) -> list[list[Cell]]: ...
    def __getitem__(self, place: int | slice) -> list[Cell] | list[list[Cell]]:
        if isinstance(place, slice):
            return [self._make(each) for each in range(*place.indices(self._number))]
        if not 0 <= place < self._number:
            raise IndexError(place)
        return self._make(place)
