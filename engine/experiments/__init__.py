"""Experiments: their stages as jobs, with the defaults that each kind of step is known for.

    from engine import connect_blocking
    from engine.experiments import Experiments

    with connect_blocking(state) as client:
        experiments = Experiments(client)
        first = experiments.submit_proposer_stage("my.stages:Propose", {"n": 3}, id_="e-1")
        context = experiments.await_context(first)
        then = experiments.submit_antagonist_stage("my.stages:Object", context=context)

Stages run in the pool that `[tools]` of the configuration makes; see `engine.stages`.
"""

from engine.experiments.awaiting import (
    JobCanceled,
    JobFailed,
    JobProblem,
    JobTimedOut,
    WaitExpired,
)
from engine.experiments.experiments import Experiments
from engine.experiments.work import WorkStage

__all__ = [
    "Experiments",
    "JobCanceled",
    "JobFailed",
    "JobProblem",
    "JobTimedOut",
    "WaitExpired",
    "WorkStage",
]
