"""Cron runs: what recurs is submitted as people submit it, and canceled as they cancel it."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import msgspec
from msgspec.structs import replace

from engine.control.messages import Cancel, PlanWorkflow, Targets
from engine.errors import InvalidSpec
from engine.ledger.rows.submission import Sender
from engine.model.cron import Cron, Work
from engine.model.definition import Definition
from engine.model.ids import JobId
from engine.model.intake.workflow import read_workflow
from engine.model.redaction import command_text
from engine.model.spec import JobSpec

if TYPE_CHECKING:
    from engine.daemon.desk import Desk

_ORIGIN: Final = datetime(1970, 1, 1, tzinfo=UTC)


class CronRuns:
    """`engine.loops.schedule_cron.Runs`, by the same ways as requests of clients."""

    def __init__(self, desk: "Desk") -> None:
        self._desk = desk

    async def submit(self, cron: Cron, at: int) -> JobId:
        """The job of the run of this instant. Raises: Refused."""
        key = f"cron:{cron.name}:{cron.added_at}:{at}"
        sender = await self.sender(cron)
        reception = self._desk.reception
        if cron.work is Work.WORKFLOW:
            definition, raw = definition_of(cron)
            stored = await reception.submit_flow(definition, raw, sender, request_key=key)
            return JobId(stored.ids[0][0])
        spec = marked(reception.read(cron.body, sender), cron, at)
        stored = await reception.submit_spec(
            spec, cron.surroundings, user=cron.user, request_key=key
        )
        return JobId(stored.ids[0][0])

    async def check(self, cron: Cron, sender: Sender) -> None:
        """Let pass what could be submitted. Raises: InvalidSpec."""
        if cron.work is Work.JOB:
            self._desk.reception.read(cron.body, sender)
            return
        from engine.daemon.desk import Caller
        from engine.daemon.handlers import plan_workflow

        definition_of(cron)
        ask = PlanWorkflow(definition=cron.body, params=cron.params)
        await plan_workflow.answer(self._desk, Caller(user=sender.user), ask)

    def text(self, cron: Cron) -> str:
        """What it runs, on one line, without what looks like a secret."""
        if cron.work is Work.WORKFLOW:
            return str(cron.body.get("name") or "workflow")
        sender = Sender(user=cron.user, cwd="/", env={}, defaults={})
        try:
            return command_text(self._desk.reception.read(cron.body, sender).command)
        except InvalidSpec:
            return ""

    async def sender(self, cron: Cron) -> Sender:
        """Who submits it, and where from."""
        around = await self._desk.store.surroundings(cron.surroundings)
        return Sender(user=cron.user, cwd=around.cwd, env=around.env, defaults={})

    async def cancel(self, job: JobId, cron: Cron) -> None:
        """End a run that makes way for the next one."""
        from engine.daemon.desk import Caller
        from engine.daemon.handlers import cancel

        caller = Caller(user=f"cron {cron.name}")
        ask = Cancel(targets=Targets(ids=(job,)), why="its next run is due")
        await cancel.answer(self._desk, caller, ask)


def definition_of(cron: Cron) -> tuple[Definition, bytes]:
    """The workflow of a run, and the JSON that it is made from. Raises: InvalidSpec."""
    defaults = cron.body.get("defaults") or {}
    if not isinstance(defaults, Mapping):  # it is told of where it is read
        return read_workflow(cron.body, cron.params), b""
    tags = defaults.get("tags") or []
    tags = [*([tags] if isinstance(tags, str) else tags), f"cron:{cron.name}"]
    raw = {**cron.body, "defaults": {**defaults, "tags": tags}}
    name = "" if cron.body.get("name") else cron.name
    return read_workflow(raw, cron.params, name=name), msgspec.json.encode(raw)


def marked(spec: JobSpec, cron: Cron, at: int) -> JobSpec:
    """The job of a run, by which people and the job itself know whose run it is."""
    tag = f"cron:{cron.name}"
    tags = spec.tags if tag in spec.tags else (*spec.tags, tag)
    env: dict[str, str] = {"CRAB_CRON": cron.name, "CRAB_CRON_AT": instant_text(at)}
    metadata: dict[str, Any] = {**spec.metadata, "cron": cron.name, "cron_at": at}
    command = replace(spec.command, env=spec.command.env | env)
    name = spec.name or cron.name
    return replace(spec, command=command, tags=tags, metadata=metadata, name=name)


def instant_text(at: int) -> str:
    """`2026-11-21T02:00:00Z`."""
    moment = _ORIGIN + timedelta(microseconds=at - at % 1_000_000)
    return moment.isoformat().replace("+00:00", "Z")
