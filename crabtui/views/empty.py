"""What a table says in place of rows: connecting, empty, nothing matches, away."""

from collections.abc import Sequence
from typing import Final

from crabtui.data.glyphs import Cell
from crabtui.data.wording import fresh_age, plural
from crabtui.link import Link, Stage

OFFERS: Final = (
    ("n", "new job"),
    ("y", "copy: crabtui submit -- echo hi"),
    (":demo", "see it work, in a place of its own"),
)
"""What the first screen teaches."""


def _offered(key: str, text: str) -> Cell:
    """One line of the offers; all are as wide, and so begin below each other."""
    width = max(len(words) for _, words in OFFERS)
    return (f"{key:<7}{text:<{width}}", "accent")


def notice_for(
    link: Link,
    context: str,
    *,
    total: int | None,
    all_jobs: int | None,
    where: str,
    closest: str,
    now_s: float,
    refused: str = "",
) -> Sequence[Cell] | None:
    """The lines for a list of `total` jobs (None: not known yet); None to show rows.

    `refused` is why the daemon, though it answers, does not tell of them.
    """
    if total:
        return None
    if total is None and refused and link.stage is Stage.LIVE:
        return ((refused, "bad"), ("", "muted"), ("ctrl+r asks again", "muted"))
    if total is None:
        return _unknown(link, context, now_s)
    if where:
        return _no_match(where, all_jobs, closest)
    return (
        ("no jobs yet", "text"),
        ("", "muted"),
        *(_offered(key, text) for key, text in OFFERS),
        ("", "muted"),
        ("? keys   q quits   jobs keep running", "muted"),
    )


def _unknown(link: Link, context: str, now_s: float) -> Sequence[Cell]:
    waited = fresh_age(now_s - link.since_s)
    if link.stage in (Stage.CONNECTING, Stage.LIVE):
        return ((f"connecting to {context} … {waited}", "muted"),)
    return (
        ("the daemon does not answer", "text"),
        (link.error, "muted"),
        ("", "muted"),
        ("R tries again now   q quits   jobs keep running", "muted"),
    )


def _no_match(where: str, all_jobs: int | None, closest: str) -> Sequence[Cell]:
    of = f"0 of {plural(all_jobs, 'job')} match" if all_jobs else "no job matches"
    lines: list[Cell] = [(of, "text"), (where, "accent"), ("", "muted")]
    if closest:
        lines.append((closest, "muted"))
    lines.append(("esc shows all   backspace drops one   / edits the filter", "muted"))
    return lines
