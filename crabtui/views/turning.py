"""The keys that look at a list in another way: what they narrow, and how they sort."""

from dataclasses import replace

from crabtui.views.look import Look


class Turning:
    """Actions of a view that has a `Look`."""

    look: Look

    def turn(self, look: Look) -> None:
        """Look at the list in another way."""
        raise NotImplementedError

    def do_problems(self) -> None:
        """Show only what went wrong, or all again."""
        self.turn(replace(self.look, problems=not self.look.problems))

    def do_sort_before(self) -> None:
        """Sort by the column before."""
        self.turn(self.look.stepped(-1))

    def do_sort_after(self) -> None:
        """Sort by the next column."""
        self.turn(self.look.stepped(1))

    def do_invert(self) -> None:
        """Turn the order round."""
        self.turn(replace(self.look, descending=not self.look.descending))
