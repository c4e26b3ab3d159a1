"""From an event of a job to the jobs of its hooks, as people would write them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import msgspec
from msgspec import UNSET

from engine.model.events import Event
from engine.model.hooks import MEANT, Hook, Http, On
from engine.model.job import Job

CPU: Final = "100m"
"""What a hook needs unless it says otherwise: it tells somebody, and that is all."""

LATER: Final = 75
"""Exit status of a call that may work later."""

CALL_RETRY: Final[Mapping[str, Any]] = {
    "max_attempts": 5,
    "base": "2s",
    "max": "1m",
    "exit_codes": [LATER],
}

_AT_FIRST: Final = {"attempts": 0, "failures": 0, "note": "", "cancel_why": ""}
"""What is left out of a report's columns while it is so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Firing:
    """One hook that an event fires."""

    key: str
    """The same for the same event and hook, and for no other."""
    hook: Hook
    on: On
    """What of the hook fits the event."""


def fired(event: Event, job: Job, configured: Mapping[str, Hook]) -> Iterator[Firing]:
    """The hooks that an event fires, the job's own ones first.

    A hook's job has no hooks. Members of arrays and tasks of fan-outs leave what they say of
    hooks to the whole. Filters of hooks in the configuration are for the caller.

    Args:
        event: On disk, about the job.
        job: As submitted.
        configured: Those of the configuration, by name.
    """
    meant = MEANT.get(event.type)
    if meant is None or job.spec.hook_of is not None:
        return
    is_part = job.spec.array is not None or job.spec.item is not UNSET
    own = () if is_part else job.spec.hooks
    named: Sequence[tuple[str, Hook]] = [
        *((str(place), hook) for place, hook in enumerate(own)),
        *((f"config:{name}", hook) for name, hook in configured.items()),
    ]
    for name, hook in named:
        on = next((on for on in hook.on if on in meant), None)
        if on is not None:
            yield Firing(key=f"hook:{event.seq}:{name}", hook=hook, on=on)


def may_fire(event: Event, job: Job, *, is_any_configured: bool) -> bool:
    """Whether it is worth a closer look; asked for every event."""
    return event.type in MEANT and (is_any_configured or bool(job.spec.hooks))


_PRIORITIES: Final = frozenset({"priority", "is_critical"})


def raw_job(
    firing: Firing, job: Job, report: Mapping[str, Any], call: Sequence[str], local: str
) -> dict[str, Any]:
    """The job of a hook as people would write it.

    Args:
        firing: What fires.
        job: Whose hook it is.
        report: What is given to it as standard input.
        call: The command that makes calls.
        local: The worker on which that can be run.
    """
    hook = firing.hook
    raw: dict[str, Any] = {"cpu": CPU, **hook.job}
    raw.setdefault("name", hook.name or f"on {firing.on}")
    raw.setdefault("tenant", job.spec.tenant)
    raw.setdefault("namespace", job.spec.namespace)
    if not raw.keys() & _PRIORITIES:  # many at once must not keep what people submit waiting
        raw["priority"] = "low"
    raw.setdefault("stdin", msgspec.json.encode(report).decode())
    env = _env(firing, job, report)
    if hook.http is not None:
        raw["argv"] = list(call)
        env["CRAB_HOOK_HTTP"] = _call(hook.http)
        if not raw.keys() & {"retry", "retry_policy", "max_attempts", "max_retries", "retries"}:
            raw["retry"] = dict(CALL_RETRY)
        if not raw.keys() & {"workers", "required_workers", "constraints"}:
            raw["workers"] = [local]
    own_env = raw.get("env")
    raw["env"] = {**env, **own_env} if isinstance(own_env, dict) else env
    return raw


def _env(firing: Firing, job: Job, report: Mapping[str, Any]) -> dict[str, str]:
    return {
        "CRAB_HOOK_ON": firing.on.value,
        "CRAB_HOOK_JOB": str(job.id),
        "CRAB_HOOK_STATE": str(report["state"]),
        "CRAB_HOOK_NAME": job.spec.name,
    }


def _call(http: Http) -> str:
    told = {
        "url": http.url,
        "method": http.method,
        "headers": http.headers,
        "body": http.body,
        "timeout_s": http.timeout_ms / 1000,
    }
    return msgspec.json.encode(told).decode()


def report_of(event: Event, job: Job, parts: Mapping[str, int]) -> dict[str, Any]:
    """What is told of a job: how it was when the event happened. Times are UTC microseconds.

    Args:
        event: About the job, with its columns in `now`.
        job: As submitted.
        parts: Of a composite, its members or tasks by state.
    """
    now = event.data.get("now")
    told: Mapping[str, Any] = now if isinstance(now, dict) else msgspec.to_builtins(job.now)
    spec = job.spec
    report: dict[str, Any] = {
        "id": job.id,
        "event": event.type.value,
        "seq": event.seq,
        "at": event.at,
        "cause": event.cause,
        "name": spec.name,
        "command": spec.text,
        "kind": spec.kind.value,
        "owner": spec.owner,
        "tenant": spec.tenant,
        "namespace": spec.namespace,
        "tags": list(spec.tags),
        "metadata": dict(spec.metadata),
        "params": dict(spec.params),
        "parent_id": spec.parent_id,
        "created_at": job.created_at,
    }
    columns = (
        "state queue attempts failures worker queued_at started_at ended_at exit_code signal "
        "trouble note cancel_by cancel_why"
    )
    report |= {name: told.get(name, _AT_FIRST.get(name)) for name in columns.split()}
    return report | ({"parts": dict(parts)} if parts else {})
