"""The reports of shards: brought from wherever they ran, and written as one file."""

import os
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from crabtui.cli.frame.failure import complain
from crabtui.data.files.junit import MOST_BYTES, Report, merged, read_report
from engine.control.blocking import BlockingClient
from engine.control.messages import ListArtifacts, ReadArtifact, ShowJob
from engine.control.views import ArtifactView
from engine.errors import InvalidSpec

PATIENCE_S: Final = 60.0
"""How long outputs may take to come from their hosts, once nothing runs any more."""

GAP_S: Final = 0.1
PIECE: Final = 2**20


def collect(client: BlockingClient, jobs: Sequence[int], junit: str) -> dict[int, Report]:
    """The reports of shards by index; those that left none, or no good one, are left out.

    Args:
        client: Of the daemon.
        jobs: The shards' jobs, in order.
        junit: Where each writes its report; relative, if the engine brings it here.
    """
    reports: dict[int, Report] = {}
    ends_s = time.monotonic() + PATIENCE_S
    for index, job in enumerate(jobs):
        try:
            data = _data(client, job, index, len(jobs), junit, ends_s)
            if data is not None:
                reports[index] = read_report(data, f"shard {index} (#{job})")
        except InvalidSpec as bad:
            complain(bad.message)
    return reports


def write_merged(reports: Mapping[int, Report], path: Path, name: str) -> None:
    """Write one report of all, whole or not at all. Raises: InvalidSpec, if it cannot be."""
    torn = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        torn.write_bytes(merged(reports, name))
        torn.replace(path)
    except OSError as trouble:
        torn.unlink(missing_ok=True)
        raise InvalidSpec(f"--merged {path}: {trouble.strerror}", field="merged") from None


def _data(
    client: BlockingClient, job: int, index: int, count: int, junit: str, ends_s: float
) -> bytes | None:
    if Path(junit).is_absolute():
        return _local(client, job, Path(_filled(junit, index, count)))
    found = _artifact(client, job, _filled(junit, index, count), ends_s)
    return None if found is None else _read(client, found)


def _filled(junit: str, index: int, count: int) -> str:
    values = {"{index}": index, "{number}": index + 1, "{count}": count}
    for place, value in values.items():
        junit = junit.replace(place, str(value))
    return junit


def _local(client: BlockingClient, job: int, path: Path) -> bytes | None:
    """A file of this machine, if the job can have written it: older ones are not its own."""
    started_at = client.call(ShowJob(id=job)).job.started_at
    try:
        written_at = path.stat().st_mtime_ns // 1000
        if started_at is None or written_at + 1_000_000 < started_at:
            complain(f"{path}: is from before #{job} ran, and is not read")
            return None
        return path.read_bytes()
    except OSError:
        return None


def _artifact(
    client: BlockingClient, job: int, path: str, ends_s: float
) -> ArtifactView | None:
    """The report that was collected of a job; None if there is none, or none came in time."""
    while True:
        view = client.call(ListArtifacts(job=job))
        if not any(one.state == "owed" for one in view.collections):
            found = [one for one in view.artifacts if one.type == "junit"]
            return next((one for one in found if one.path == path), found[0] if found else None)
        if time.monotonic() > ends_s:
            complain(f"#{job}: its report has not come from its host")
            return None
        time.sleep(GAP_S)


def _read(client: BlockingClient, found: ArtifactView) -> bytes:
    if found.size > MOST_BYTES:
        raise InvalidSpec(f"#{found.job}: {found.path} is too large to be a report")
    data = b""
    while len(data) < found.size:
        piece = client.call(ReadArtifact(id=found.id, offset=len(data), limit=PIECE)).data
        if not piece:
            break
        data += piece
    return data
