"""Which verbs there are, with the line that `--help` shows for each."""

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Final

VERBS: Final[Mapping[str, str]] = {
    "submit": "Submit a job, or a file of jobs, and return at once.",
    "run": "Submit a command, show its output, exit with its code.",
    "shard": "Run a test command in parts, and judge them as one.",
    "wait": "Wait until jobs have ended.",
    "ls": "List jobs: live ones first, then the newest that ended.",
    "show": "Show everything about a job.",
    "logs": "Print what a job has written.",
    "grep": "Search what jobs have written, wherever it lies.",
    "artifacts": "List what attempts left; show or get some of it.",
    "diff": "Say what differs between two jobs or attempts.",
    "explain": "Say why a job does or does not start.",
    "reasons": "Say why jobs wait, counted.",
    "whatif": "Say who would start earlier or later, and do just that.",
    "cancel": "Cancel jobs.",
    "retry": "Run ended jobs again, or waiting retries at once.",
    "hold": "Keep waiting jobs from starting.",
    "release": "Take jobs off hold.",
    "pause": "Make running jobs stand still.",
    "resume": "Let paused jobs go on.",
    "send": "Give a running job something to read.",
    "priority": "Change how urgent jobs are.",
    "array": "Change how many jobs of an array run at once.",
    "workflow": "Plan, run and steer graphs of jobs.",
    "edit": "Change jobs that have not started.",
    "clone": "Submit a copy of a job, with some things changed.",
    "workers": "List workers; add, drain, look after or remove one.",
    "tools": "List tools, Python functions that jobs can call; show or call one.",
    "session": "Open, list or end sessions of tmux, here and on workers.",
    "cron": "List what recurs; add, pause, remove or run it.",
    "hooks": "List what is run when jobs start or end.",
    "goals": "List who has the lock of each goal, and who waits for it.",
    "queues": "List queues; pause, resume, limit or weigh one.",
    "views": "List saved filters; save or delete one.",
    "tenants": "List tenants: what they have, against quotas and shares.",
    "cache": "Say what is kept to be quicker, and how it helped; clear it.",
    "config": "Print every setting in effect and where it came from.",
    "reload": "Have the daemon read its configuration again.",
    "events": "Print what happened; -f follows.",
    "attention": "List what wants somebody, ranked; or say that you know of it.",
    "pulse": "Print how much was done and how long it took, over time.",
    "audit": "Print what operators did, and what it changed.",
    "stats": "Print the daemon's counters.",
    "telemetry": "Follow what happens as signals, also those of experiments.",
    "doctor": "Look for what is wrong with the place and the daemon.",
    "restart": "Put a new daemon in the old one's place; jobs keep running.",
    "stop": "Stop the daemon; jobs keep running.",
    "demo": "See it work: a real workload in a place of its own.",
    "jobs": "Open the console on the jobs.",
    "ui": "Open the console on VIEW[?QUERY].",
    "web": "Serve the console to browsers on this machine.",
    "completion": "Print the completion script for bash, zsh or fish.",
}

HIDDEN: Final = frozenset({"stdio"})
"""Verbs for programs: they work, and no list names them."""

_MODULES: Final[Mapping[str, str]] = {"jobs": "console", "ui": "console", "wait": "await_jobs"}


def module_of(verb: str) -> str:
    """The module that has the command `verb`, as its attribute of that name."""
    return f"crabtui.cli.{_MODULES.get(verb, verb)}"


@functools.cache
def verbs() -> dict[str, str]:
    """The verbs of this installation and their lines, in the order of the help."""
    here = Path(__file__).parents[1]
    return {
        verb: line
        for verb, line in VERBS.items()
        if (here / f"{_MODULES.get(verb, verb)}.py").exists() or (here / verb).is_dir()
    }
