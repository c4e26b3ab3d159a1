"""`hooks`: those of the configuration, or those that a job has and has fired."""

from engine.control.messages import ListHooks
from engine.control.views import FiredView, HooksView, HookView
from engine.daemon.desk import Caller, Desk
from engine.model.hooks import Hook
from engine.model.ids import JobId
from engine.model.job import Job
from engine.model.redaction import text

MOST = 100
"""Jobs of hooks that are told of."""


async def answer(desk: Desk, _: Caller, ask: ListHooks) -> HooksView:
    """All of them. Raises: NotFound: there is no such job."""
    configured = desk.hook_runs.configured
    if ask.id is None:
        return HooksView(hooks=tuple(_view(hook, "config") for hook in configured.values()))
    job = await desk.ledger.find(JobId(ask.id))
    meant = [
        hook
        for hook in configured.values()
        if not hook.where or desk.hook_runs.matches(hook, job)
    ]
    return HooksView(
        hooks=(
            *(_view(hook, "job") for hook in job.spec.hooks),
            *(_view(hook, "config") for hook in meant if job.spec.hook_of is None),
        ),
        fired=tuple(map(_fired, await desk.store.hook_jobs(job.id, MOST))),
    )


def _view(hook: Hook, source: str) -> HookView:
    return HookView(
        on=tuple(on.value for on in hook.on),
        text=_text(hook),
        name=hook.name,
        where=hook.where,
        source=source,
    )


def _text(hook: Hook) -> str:
    if hook.http is not None:
        return text(f"{hook.http.method} {hook.http.url}")
    said = hook.job.get("shell") or hook.job.get("command") or hook.job.get("argv")
    said = said or hook.job.get("tool") or ""
    return text(" ".join(map(str, said)) if isinstance(said, list | tuple) else str(said))


def _fired(job: Job) -> FiredView:
    return FiredView(
        id=job.id,
        on=str(job.spec.metadata.get("hook_on", "")),
        name=job.spec.name,
        state=job.now.state.value,
        created_at=job.created_at,
        note=job.now.note,
    )
