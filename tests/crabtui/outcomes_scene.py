"""What jobs left and came to, in worlds of tests."""

from engine.control import messages as m
from engine.control import views as v
from tests.kit.fake_world import S, World

REPORT = b"12 passed\n\x1b[2J1 failed: test_far\n"


def with_outcomes(world: World) -> World:
    """The same world: #1 left three files, and #10 was given what #1 and #2 came to."""
    files = _files(world.clock.now())
    world.answers |= {
        m.ListArtifacts: lambda ask: files if ask.job == 1 else v.ArtifactsView(artifacts=()),
        m.ReadArtifact: lambda ask: v.BlobPiece(
            data=REPORT, offset=0, size=len(REPORT), sha="ab" * 32
        ),
        m.ReadResult: lambda ask: _result(world, ask.id),
    }
    return world


def _files(now: int) -> v.ArtifactsView:
    common = {"job": 1, "sha": "ab" * 32, "attempt": "1-2-1"}
    return v.ArtifactsView(
        artifacts=(
            v.ArtifactView(
                id=9,
                name="report.xml",
                type="junit",
                path="out/report.xml",
                size=41_200,
                at=now - 30 * S,
                **common,
            ),
            v.ArtifactView(
                id=8,
                name="a-very-long-name-of-a-checkpoint-of-the-model-after-12-epochs.bin",
                type="other",
                path="out/m.bin",
                size=2_200_000_000,
                at=now - 31 * S,
                **common,
            ),
            v.ArtifactView(
                id=7,
                name="fix.patch",
                type="patch",
                path="fix.patch",
                size=812,
                at=now - 90_000 * S,
                **common,
            ),
        ),
        collections=(
            v.CollectionView(
                attempt="1-2-1",
                worker="gpu-07",
                state="owed",
                at=now,
                tries=3,
                missing=("cov.json",),
                note="no answer",
            ),
        ),
    )


def _result(world: World, job: int) -> v.ResultView:
    state = world.jobs[job].state
    if job in (2, 5):
        return v.ResultView(id=job, state=state)
    told = {"loss": 0.31, "best": {"epoch": 7, "path": "out/m.bin"}, "token": "s3cret"}
    return v.ResultView(id=job, state=state, has_result=True, result=told)
