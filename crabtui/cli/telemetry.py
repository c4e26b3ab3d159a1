"""`crabtui telemetry`: what happens, under the names that handlers are attached to."""

import sys

import click

from crabtui.cli.frame.setting import setting
from crabtui.cli.frame.verb import VerbGroup
from crabtui.cli.printing.moments import short_stamp
from crabtui.cli.printing.output import say, say_json, say_lines
from crabtui.cli.printing.tables import table
from crabtui.cli.reaching.following import through_restarts
from engine.control.blocking import BlockingClient
from engine.control.messages import FollowTelemetry
from engine.model.signals import BRIDGED, CATALOGUE, BridgeRules, Signal, matching_any
from engine.model.spans import Spans, otlp


@click.group(cls=VerbGroup)
def telemetry() -> None:
    """Follow what happens as telemetry names it, or list the names."""


@telemetry.command("names")
def names() -> int:
    """List the events, with what each measures and tells."""
    if setting().as_json:
        engine = {
            name: {"measurements": measured, "metadata": told}
            for name, (measured, told) in CATALOGUE.items()
        }
        say_json({"engine": engine, "experiments": BRIDGED})
        return 0
    rows = [
        (name, " ".join(measured), " ".join(told))
        for name, (measured, told) in CATALOGUE.items()
    ]
    rows += [(name, "as the job's", "of experiments") for name in BRIDGED]
    say_lines(table(("EVENT", "MEASUREMENTS", "METADATA"), rows))
    return 0


@telemetry.command("follow")
@click.option("--event", "events", multiple=True, metavar="NAME", help="Or job.*; may repeat.")
@click.option("--after", type=click.IntRange(min=0), metavar="SEQ", help="All past this event.")
@click.option("--count", "-n", type=click.IntRange(min=1), help="End after so many.")
@click.option("--source", "sources", multiple=True, help="Its metadata.source: an experiment.")
@click.option("--tenant", "tenants", multiple=True, help="Whose jobs are experiments.")
@click.option("--kind", "kinds", multiple=True, help="Jobs of this kind are experiments.")
def follow(
    events: tuple[str, ...],
    after: int | None,
    count: int | None,
    sources: tuple[str, ...],
    tenants: tuple[str, ...],
    kinds: tuple[str, ...],
) -> int:
    """Print what happens from now on, one event a line; with --json as NDJSON.

    Events of experiments (`experiment.submitted`, `stage.*`, `backend_*`) are told of jobs
    that --source, --tenant or --kind choose, and of kinds experiment_step and training_step.
    """
    matching_any(events)
    bridge = None
    if sources or tenants or kinds:
        of_kinds = kinds or BridgeRules().kinds
        bridge = BridgeRules(sources=sources, tenants=tenants, kinds=of_kinds)
    return through_restarts(_Follower(events, after, count, bridge).follow)


@telemetry.command("spans")
@click.option("--after", type=click.IntRange(min=0), metavar="SEQ", help="All past this event.")
@click.option("--count", "-n", type=click.IntRange(min=1), help="End after so many lines.")
@click.option("--service", default="crabtui", metavar="NAME", help="Whose spans they are.")
def spans(after: int | None, count: int | None, service: str) -> int:
    """Print what ends as OpenTelemetry spans, OTLP in JSON: a line for each end.

    A job is a span; in it `schedule` and `run` are spans, once for each attempt. Collectors
    read such lines from a file, and take each as the body of a POST to /v1/traces. Only jobs
    that were submitted past --after have spans.
    """
    printer = _Spans(after, count, service)
    return through_restarts(printer.follow)


class _Follower:
    """Prints signals and knows how far it came, so that it can go on after a restart."""

    def __init__(
        self,
        events: tuple[str, ...],
        after: int | None,
        count: int | None,
        bridge: BridgeRules | None,
    ) -> None:
        self._events = events
        self._after = -1 if after is None else after
        self._told = 0
        """How many signals of the event past `_after` were told."""
        self._left = count
        self._bridge = bridge

    def follow(self, client: BlockingClient) -> int:
        ask = FollowTelemetry(events=self._events, after=self._after, bridge=self._bridge)
        skipped = 0
        for signal in client.stream(ask):
            if self._after < signal.seq - 1:
                self._after, self._told, skipped = signal.seq - 1, 0, 0
            if skipped < self._told:
                skipped += 1
                continue
            self._take(signal)
            self._told = skipped = self._told + 1
            if self._left == 0:
                break
        return 0

    def _take(self, signal: Signal) -> None:
        _say(signal)
        self._has_printed()

    def _has_printed(self) -> None:
        if self._left is not None:
            self._left -= 1


class _Spans(_Follower):
    """Prints what ends."""

    def __init__(self, after: int | None, count: int | None, service: str) -> None:
        super().__init__(("job.*",), after, count, None)
        self._service = service
        self._spans = Spans()

    def _take(self, signal: Signal) -> None:
        ended = list(self._spans.hear(signal))
        if ended:
            say_json(otlp(ended, self._service))
            sys.stdout.flush()
            self._has_printed()


def _say(signal: Signal) -> None:
    if setting().as_json:
        say_json(signal)
    else:
        measured = " ".join(f"{key}={value}" for key, value in signal.measurements.items())
        told = " ".join(f"{key}={value}" for key, value in signal.metadata.items())
        say(f"{short_stamp(signal.at)}  {signal.name:<25} {measured}  {told}".rstrip())
    sys.stdout.flush()
