"""`crabtui explain`: every gate between a job and its start."""

import click

from crabtui.cli.entry import enter
from crabtui.cli.output import plain, say, say_json, say_styled
from crabtui.cli.setting import setting
from crabtui.cli.tables import paint
from crabtui.cli.targets import read_id
from crabtui.cli.verb import Verb
from crabtui.data.sanitize import sanitize
from engine.control.messages import Explain
from engine.control.views import Explanation
from engine.model.reasons import Gate


@click.command(cls=Verb)
@click.argument("job", metavar="ID")
def explain(job: str) -> int:
    """Say why a job does or does not start: the gates, and what would open them."""
    number = read_id(job)
    with enter() as client:
        explanation = client.call(Explain(id=number))
    if setting().as_json:
        say_json(_as_json(explanation))
    else:
        _say(explanation)
    return 0


def _as_json(explanation: Explanation) -> dict[str, object]:
    return {
        "job": explanation.job,
        "state": explanation.state,
        "gates": [_gate(gate) for gate in explanation.gates],
        "lane": {"place": explanation.place},
        "seq": explanation.seq,
    }


def _gate(gate: Gate) -> dict[str, object]:
    told: dict[str, object] = plain(gate)
    told["next_change"] = told.pop("next_change_at")
    return told


def _say(explanation: Explanation) -> None:
    say(f"#{explanation.job}: {explanation.state}{_place(explanation.place)}")
    for gate in explanation.gates:
        _say_gate(gate)


def _place(place: int | None) -> str:
    if place is None:
        return ""
    return ", far back in its lane" if place > 10_000 else f", number {place} in its lane"


def _say_gate(gate: Gate) -> None:
    mark = paint("ok", "ok    ") if gate.ok else paint("closed", "closed")
    say_styled(f"  {mark}  {gate.kind:<13}  {sanitize(gate.text)}")
    if gate.ok:
        return
    if gate.holders:
        say(f"{'':25}held by " + ", ".join(f"#{job}" for job in gate.holders))
    if gate.remedy:
        say(f"{'':25}→ {gate.remedy}")
