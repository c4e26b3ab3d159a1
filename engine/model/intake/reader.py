"""A submitted job to its spec."""

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from engine.errors import InvalidSpec
from engine.model.intake.draft import Draft
from engine.model.intake.maps import read_map
from engine.model.intake.table import JOB_KEYS, OWN_KEYS
from engine.model.intake.wrong import Wrong
from engine.model.spec import JobSpec

MAX_JOB_BYTES: Final = 2**20
_KEYS: Final = {**JOB_KEYS, **OWN_KEYS}
_encode: Final = msgspec.json.Encoder().encode


class Reader:
    """Reads the jobs of one submission, which share defaults, owner and folder.

    A job's own value replaces the default's, but `env` and `metadata` add to it, and of
    `resources`, `constraints` and `retry` each key counts for itself. null says nothing.
    """

    def __init__(
        self,
        defaults: Mapping[str, Any] | None = None,
        *,
        owner: str,
        cwd: str = "/",
        now_at: int = 0,
        utc_offset_s: int = 0,
        finish: Callable[[JobSpec, str], JobSpec] | None = None,
    ) -> None:
        """Check the defaults.

        Args:
            defaults: What every job says unless it says otherwise; keys as in a job.
            owner: The submitting user.
            cwd: Where relative paths start.
            now_at: UTC microseconds from which `not_before: 10m` counts.
            utc_offset_s: Of times without a zone, seconds east of UTC.
            finish: Asked for each job, with its place: the job as it shall be. Raises
                InvalidSpec.

        Raises:
            InvalidSpec: the defaults are wrong; `field` starts with `defaults`.
        """
        self._finish = finish
        self._base = Draft(cwd, now_at, utc_offset_s)
        self._base.spec["owner"] = owner
        if defaults:
            self._take(self._base, defaults, "defaults")

    def read(self, raw: Any, where: str = "job") -> JobSpec:
        """The spec of `raw`, with every default filled in.

        Raises:
            InvalidSpec: the first thing wrong with it; `field` starts with `where`.
        """
        draft = self._base.copy()
        self._take(draft, raw, where)
        try:
            spec = draft.build()
        except Wrong as wrong:
            raise wrong.error(where) from None
        if self._finish is not None:
            spec = self._finish(spec, where)
        size = len(_encode(spec))
        if size > MAX_JOB_BYTES:
            raise InvalidSpec(
                f"{where}: {size} bytes; one job may have {MAX_JOB_BYTES}", field=where
            )
        return spec

    def _take(self, draft: Draft, raw: Any, where: str) -> None:
        try:
            read_map(draft, raw, _KEYS, "a job")
        except Wrong as wrong:
            raise wrong.error(where) from None


def read_job(
    raw: Any,
    defaults: Mapping[str, Any] | None = None,
    *,
    where: str = "job",
    owner: str,
    cwd: str = "/",
    now_at: int = 0,
    utc_offset_s: int = 0,
) -> JobSpec:
    """The spec of one job; for several with the same defaults keep a `Reader`.

    Raises:
        InvalidSpec: the first thing wrong; `field` names it (`jobs[3].resources.cpu`).
    """
    reader = Reader(defaults, owner=owner, cwd=cwd, now_at=now_at, utc_offset_s=utc_offset_s)
    return reader.read(raw, where)
