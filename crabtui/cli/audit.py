"""`crabtui audit`: what operators did, and what became of it."""

import click

from crabtui.cli.frame.acting import name
from crabtui.cli.frame.failure import complain
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.spans import DURATION_MS
from crabtui.cli.printing.moments import short_stamp
from crabtui.cli.printing.output import plain, say, say_json
from crabtui.cli.reaching.entry import enter
from crabtui.data.admin.audit_lines import counted, described
from engine.control.blocking import BlockingClient
from engine.control.messages import ListActs, ReadReceipt
from engine.control.views import ActView, Result

PAGE = 500


@click.command(cls=Verb)
@click.option("--count", "-n", type=click.IntRange(min=0), default=50, help="At most so many.")
@click.option("--by", metavar="USER", help="Only acts of this user.")
@click.option("--act", metavar="VERB", help="Only these, such as `cancel` or `set_queue`.")
@click.option("--since", type=DURATION_MS, metavar="SPAN", help="Only so long ago: 1h, 3d.")
@click.option("--receipt", metavar="SEQ", type=int, help="What became of each object of one.")
@click.option("--refused", is_flag=True, help="With --receipt: only what was refused.")
def audit(
    count: int,
    by: str | None,
    act: str | None,
    since: int | None,
    receipt: int | None,
    refused: bool,
) -> int:
    """Print the newest acts of operators, oldest first. JSON is one a line.

    With --receipt: what became of each object of the act with this number, for as long as
    the daemon that did it keeps that.
    """
    with enter() as client:
        if receipt is not None:
            _say_receipt(client, receipt, refused=refused)
            return 0
        since_at = 0 if since is None else _ago(client, since)
        found = _acts(client, count, by, act, since_at)
        for one in found:
            _say(one)
    if not found and not setting().as_json:
        complain(_nothing(matches=bool(by or act or since)))
    return 0


def _nothing(*, matches: bool) -> str:
    """Why nothing was printed, on standard error: the lines are for other programs too."""
    if matches:
        return "no act is like that; without conditions the newest of all are printed"
    return "no acts yet: who cancels, pauses or changes something stands here"


def _ago(client: BlockingClient, since_ms: int) -> int:
    assert client.hello is not None
    return client.hello.now_at - 1_000 * since_ms


def _acts(
    client: BlockingClient, count: int, by: str | None, verb: str | None, since_at: int
) -> list[ActView]:
    """The newest that meet all conditions, oldest first."""
    found: list[ActView] = []
    before: int | None = None
    while len(found) < count:
        limit = min(count - len(found), PAGE)
        ask = ListActs(before=before, limit=limit, actor=by, act=verb, since_at=since_at)
        page = client.call(ask).acts
        found[:0] = page
        if len(page) < limit:
            break
        before = page[0].seq
    return found


def _say(one: ActView) -> None:
    if setting().as_json:
        say_json(one)
        return
    through = f" ({one.client})" if one.client else ""
    head = f"{one.seq:>7}  {short_stamp(one.at)}  {one.by}{through}"
    why = f"  {one.why}" if one.why else ""
    say(f"{head}  {described(one)}: {counted(one)}{why}")


def _say_receipt(client: BlockingClient, seq: int, *, refused: bool) -> None:
    offset = 0
    while True:
        page = client.call(
            ReadReceipt(seq=seq, offset=offset, limit=PAGE, refused=refused)
        ).results
        for one in page:
            _say_result(one)
        offset += len(page)
        if len(page) < PAGE:
            return


def _say_result(one: Result) -> None:
    if setting().as_json:
        say_json(plain(one))
    elif one.ok:
        say(f"{name(one.id)}  {one.was or ''} → {one.now or 'done'}".replace("   → ", "  "))
    else:
        say(f"{name(one.id)}  {one.error or 'refused'}")
