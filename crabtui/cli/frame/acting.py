"""One act on many objects: ask, do, and say what became of each."""

from collections.abc import Callable, Sequence
from typing import Final

from crabtui.cli.frame.asking import may_go_on
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.options.targets import read_targets
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.entry import enter
from engine.control.messages import Request, Targets
from engine.control.views import Acted, Result

REFUSED: Final = 3
"""Exit status of what the daemon does not do, or not to what is not there."""

SHOWN: Final = 20
"""Objects told of one by one; above that they are counted."""


def act_on_jobs(
    verb: str,
    make: Callable[[Targets], Request[Acted]],
    words: Sequence[str],
    where: str | None,
    *,
    yes: bool,
) -> int:
    """Do `make(targets)` after asking where that is due.

    Returns: 0, 3 if it was refused for some object, 1 if nobody said yes.
    """
    targets = read_targets(words, where)
    with enter() as client:
        if not may_go_on(client, verb, targets, yes=yes):
            complain("nothing done")
            return 1
        return tell(client.call(make(targets)))


def tell(acted: Acted) -> int:
    """Print what became of each object. Returns: 0, or 3 if any was refused."""
    if setting().as_json:
        say_json({"results": [plain(each) for each in acted.results]})
    else:
        _say_results(acted)
    return 0 if all(each.ok for each in acted.results) else REFUSED


def _say_results(acted: Acted) -> None:
    done = [each for each in acted.results if each.ok]
    refused = [each for each in acted.results if not each.ok]
    if not acted.results:
        complain("no job matches")
    for each in done if len(done) <= SHOWN else ():
        say(_line(each))
    if len(done) > SHOWN:
        say(f"{len(done):,} jobs")
    for each in refused[:SHOWN]:
        complain(_why(each))
    if len(refused) > SHOWN:
        complain(f"and {len(refused) - SHOWN:,} more were refused")
    if acted.matched > len(acted.results):
        more = acted.matched - len(acted.results)
        complain(f"it was done to {more:,} more, which are not named here")


def _why(result: Result) -> str:
    called, error = name(result.id), result.error or "refused"
    return error if called in error.replace(":", " ").split() else f"{called}: {error}"


def _line(result: Result) -> str:
    if result.was is None or result.now is None:
        return f"{name(result.id)} {result.now or 'done'}"
    if result.was == result.now:
        return f"{name(result.id)} {result.now}"
    return f"{name(result.id)} {result.was} → {result.now}"


def name(thing: int | str) -> str:
    """How an object is called: `#12` for a job, its name for all else."""
    return f"#{thing}" if isinstance(thing, int) else thing
