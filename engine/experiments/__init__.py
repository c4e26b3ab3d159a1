"""Experiments: their stages as jobs, with the defaults that each kind of step is known for.

from engine.control.blocking import connect
from engine.experiments import Experiments

experiments = Experiments(connect(state))
job = experiments.submit_proposer_stage("my.stages:Propose", {"n": 3}, name="e", id_="e-1")
context = experiments.await_job(job)
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
