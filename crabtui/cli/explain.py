"""`crabtui explain`: every gate between a job and its start."""

from collections.abc import Iterator

import click

from crabtui.cli.frame.past import at_option, moment_of
from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import Verb
from crabtui.cli.options.targets import read_id
from crabtui.cli.printing.output import plain, say, say_json, say_lines, say_styled
from crabtui.cli.printing.tables import paint, table
from crabtui.cli.reaching.entry import enter
from crabtui.cli.reasons import say_reasons
from crabtui.data.sanitize import sanitize
from crabtui.data.wording import duration
from engine.control.messages import Explain
from engine.control.views import Explanation, HolderView
from engine.errors import InvalidSpec
from engine.model.reasons import Gate


@click.command(cls=Verb)
@click.argument("job", metavar="[ID]", required=False)
@click.option("--queue", metavar="NAME", help="Why the jobs of a queue wait, counted.")
@at_option
def explain(job: str | None, queue: str | None, at: str | None) -> int:
    """Say why a job does or does not start: the gates, and what would open them."""
    if (job is None) == (queue is None):
        raise InvalidSpec("explain which: a job's ID, or --queue NAME?", field="id")
    if job is None:
        return say_reasons(queue, at)
    number = read_id(job)
    with enter() as client:
        then = moment_of(client, at)
        explanation = client.call(Explain(id=number, as_of=then.seq))
        now = then.now
    if setting().as_json:
        say_json(_as_json(explanation))
    else:
        _say(explanation, now)
    return 0


def _as_json(explanation: Explanation) -> dict[str, object]:
    return {
        "job": explanation.job,
        "state": explanation.state,
        "gates": [_gate(gate) for gate in explanation.gates],
        "lane": {"place": explanation.place},
        "holders": plain(explanation.holders),
        "short": plain(explanation.short),
        "seq": explanation.seq,
        "array": explanation.array,
    }


def _gate(gate: Gate) -> dict[str, object]:
    told: dict[str, object] = plain(gate)
    told["next_change"] = told.pop("next_change_at")
    return told


def _say(explanation: Explanation, now: int) -> None:
    if explanation.array is not None:
        say(f"#{explanation.array} stands for others; the first of them that waits is")
    say(f"#{explanation.job}: {explanation.state}{_place(explanation.place)}")
    for gate in explanation.gates:
        _say_gate(gate, now)
    say_lines(_holders(explanation, now))
    say_lines(_short(explanation))


def _holders(explanation: Explanation, now: int) -> Iterator[str]:
    if not explanation.holders:
        return
    yield "held by"
    rows = [
        (
            f"  #{holder.id}",
            holder.name,
            holder.priority,
            holder.worker_id or "-",
            _end(holder, now),
        )
        for holder in explanation.holders
    ]
    yield from table(("  JOB", "NAME", "PRIORITY", "WORKER", "EXPECTED END"), rows)


def _end(holder: HolderView, now: int) -> str:
    if holder.ends_at is None:
        return "unknown"
    return f"{_when(holder.ends_at, now)}, by its {holder.ends_by}"


def _when(at: int, now: int) -> str:
    return f"in {duration(at - now)}" if at > now else f"{duration(now - at)} overdue"


def _short(explanation: Explanation) -> Iterator[str]:
    if not explanation.short:
        return
    yield "not now on"
    for one in explanation.short:
        yield f"  {sanitize(one.worker):<16}  {sanitize(one.text)}"


def _place(place: int | None) -> str:
    if place is None:
        return ""
    return ", far back in its lane" if place > 10_000 else f", number {place} in its lane"


def _say_gate(gate: Gate, now: int) -> None:
    mark = paint("ok", "ok    ") if gate.ok else paint("closed", "closed")
    say_styled(f"  {mark}  {gate.kind:<13}  {sanitize(gate.text)}")
    if gate.ok:
        return
    if gate.holders:
        say(f"{'':25}held by " + ", ".join(f"#{job}" for job in gate.holders))
    if gate.next_change_at is not None and gate.next_change_at > now:
        say(f"{'':25}expected to open in {duration(gate.next_change_at - now)}")
    if gate.remedy:
        say(f"{'':25}→ {sanitize(gate.remedy)}")
