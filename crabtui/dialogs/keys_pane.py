"""All keys as lines: those of the present view first, each with why it does not work now."""

from collections.abc import Sequence
from textwrap import wrap

from crabtui.acts.action import Action
from crabtui.acts.actions import ACTIONS, works_in
from crabtui.acts.situation import Scope, Situation
from crabtui.data.glyphs import Cell, Token
from crabtui.keymap import shown
from crabtui.widgets.text_pane import TextPane

INDENT = 17
MOTION = (
    ("j k ↑ ↓", "Move the cursor."),
    ("g G", "Go to the first or the last row."),
    ("ctrl+d ctrl+u", "Half a page down or up."),
    ("pgdn pgup", "A page down or up."),
    ("shift+↑ ↓", "Mark while moving."),
)


class KeysPane(TextPane, can_focus=False):
    """Sections of keys, narrowed to those whose words have what was typed."""

    now = Situation()
    wanted = ""

    def narrow(self, wanted: str) -> None:
        """Show only keys with this text in their key, title or sentence."""
        self.wanted = wanted.strip().lower()
        self.relay()
        self.action_roll_to(0)

    def compose_lines(self, width: int) -> Sequence[Sequence[Cell]]:
        here = [a for a in ACTIONS if a.scopes != {Scope.GLOBAL} and self._is_here(a)]
        everywhere = [a for a in ACTIONS if a.scopes == {Scope.GLOBAL}]
        rest = [a for a in ACTIONS if not self._is_here(a)]
        lines = [
            *self._section("here", here, width),
            *self._motion(width),
            *self._section("everywhere", everywhere, width),
            *self._section("in other views", rest, width),
        ]
        return lines or [[("no key is like that", "muted")]]

    def _is_here(self, action: Action) -> bool:
        return works_in(action, self.now.scopes)

    def _section(self, title: str, actions: Sequence[Action], width: int) -> list[list[Cell]]:
        found = [action for action in actions if self.wanted in _words(action)]
        lines = [line for action in found for line in self._lines_of(action, width)]
        return _titled(title, lines)

    def _motion(self, width: int) -> list[list[Cell]]:
        found = [pair for pair in MOTION if self.wanted in " ".join(pair).lower()]
        return _titled("moving", [ln for k, t in found for ln in _lines(k, t, "accent", width)])

    def _lines_of(self, action: Action, width: int) -> list[list[Cell]]:
        keys = " ".join(shown(key) for key in action.keys)
        reason = action.why_not(self.now) if self._is_here(action) else None
        lines = _lines(keys, action.help, "muted" if reason else "accent", width)
        if reason:
            lines += _lines("", f"not now: {reason}", "muted", width, "muted")
        return lines


def _words(action: Action) -> str:
    keys = " ".join(shown(key) for key in action.keys)
    return f"{keys} {action.title} {action.help}".lower()


def _titled(title: str, lines: list[list[Cell]]) -> list[list[Cell]]:
    return [[(title, "text")], *lines, []] if lines else []


def _lines(
    keys: str, text: str, token: Token, width: int, tone: Token = "text"
) -> list[list[Cell]]:
    first, *more = wrap(text, max(width - INDENT - 1, 20)) or [""]
    return [
        [(f"  {keys:<{INDENT - 3}} ", token), (first, tone)],
        *([(" " * INDENT + line, tone)] for line in more),
    ]
