"""Experiments: their steps submitted, awaited and listed, over one connection."""

from collections.abc import Mapping
from typing import Any, Final

from engine.control.blocking import BlockingClient
from engine.control.messages import GetStats, ListJobs, ShowJob
from engine.control.submission import submission
from engine.control.views import JobRow, Stats
from engine.experiments.awaiting import DEFAULT_MS, await_job
from engine.experiments.steps import SOURCE, TENANT, TRAINING, step
from engine.model.filter.values import Word
from engine.stages import StageContext

PAGE: Final = 100


class Experiments:
    """Steps of experiments on one daemon."""

    def __init__(self, client: BlockingClient) -> None:
        """Use a connection, which stays its maker's to close."""
        self.client = client

    def submit_proposer_stage(
        self,
        stage_module: str,
        stage_opts: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        id_: str = "",
        context: StageContext | None = None,
        **job: Any,
    ) -> int:
        """Submit a stage that proposes; its job's id.

        Args:
            stage_module: `package.module:Name`.
            stage_opts: Its options.
            name: Of the experiment.
            id_: Of the experiment; the stage reads it as its context's `experiment_id`.
            context: What it begins with: what stages before it have left.
            job: Further keys of the job, before the defaults.

        Raises:
            InvalidSpec: there is no such stage, or its options are wrong.
        """
        return self._step("proposer", stage_module, stage_opts, name, id_, context, job)

    def submit_antagonist_stage(
        self,
        stage_module: str,
        stage_opts: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        id_: str = "",
        context: StageContext | None = None,
        **job: Any,
    ) -> int:
        """Submit a stage that objects; as `submit_proposer_stage`."""
        return self._step("antagonist", stage_module, stage_opts, name, id_, context, job)

    def submit_synthesizer_stage(
        self,
        stage_module: str,
        stage_opts: Mapping[str, Any] | None = None,
        *,
        name: str = "",
        id_: str = "",
        context: StageContext | None = None,
        **job: Any,
    ) -> int:
        """Submit a stage that brings both together; as `submit_proposer_stage`."""
        return self._step("synthesizer", stage_module, stage_opts, name, id_, context, job)

    def submit_training(self, command: str | list[str], **job: Any) -> int:
        """Submit a training on a GPU; its job's id.

        Args:
            command: Words, or one shell line; the JSON that it writes to the file
                `$CRAB_RESULT`, such as its metrics, is what `await_job` returns.
            job: Further keys of the job, before the defaults; `resources` are added to.
        """
        resources = {**TRAINING["resources"], **job.pop("resources", {})}
        metadata = {"source": SOURCE, **job.pop("metadata", {})}
        given = {"command": command, "resources": resources, "metadata": metadata}
        return self.submit({**TRAINING, **given, **job})

    def submit(self, job: Mapping[str, Any]) -> int:
        """Submit any job, as people write jobs; its id. On disk when this returns."""
        return self.client.call(submission(job)).ids[0][0]

    def await_job(self, job: int, timeout_ms: int | None = DEFAULT_MS) -> Any:
        """What a job came to. Raises: JobFailed, JobTimedOut, JobCanceled, WaitExpired."""
        return await_job(self.client, job, timeout_ms)

    def await_context(self, job: int, timeout_ms: int | None = DEFAULT_MS) -> StageContext:
        """The context that a stage's job left. Raises: as `await_job`."""
        return StageContext.from_dict(self.await_job(job, timeout_ms) or {})

    def get_job_status(self, job: int) -> str:
        """The state of a job: `queued`, `running`, `succeeded` … Raises: NotFound."""
        return self.client.call(ShowJob(id=job)).job.state

    def list_jobs(
        self,
        tenant: str | None = TENANT,
        namespace: str | None = None,
        status: str | None = None,
        limit: int = PAGE,
    ) -> list[JobRow]:
        """Jobs that match all that is given, at most so many: what matches is counted."""
        said = (("tenant", tenant), ("namespace", namespace), ("state", status))
        where = " ".join(f"{field}:{Word(value)}" for field, value in said if value)
        found: list[JobRow] = []
        after: int | None = None
        while len(found) < limit:
            count = min(limit - len(found), PAGE)
            page = self.client.call(ListJobs(where=where, count=count, after=after))
            found += page.jobs
            after = page.next
            if after is None:
                break
        return found[:limit]

    def get_stats(self) -> "Stats":
        """The daemon's counters."""
        return self.client.call(GetStats())

    def _step(
        self,
        kind: str,
        stage_module: str,
        stage_opts: Mapping[str, Any] | None,
        name: str,
        id_: str,
        context: StageContext | None,
        job: dict[str, Any],
    ) -> int:
        noted = job.pop("metadata", {})
        made = step(kind, stage_module, stage_opts or {}, name=name, id_=id_, metadata=noted)
        begun = (context or StageContext()).to_dict()
        if id_:
            begun.setdefault("experiment_id", id_)
        return self.submit({**made, "stage_context": begun, **job})
