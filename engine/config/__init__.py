"""Configuration: what is in effect, read once at the door and handed to who needs it."""

from engine.config.config import Config, check, load
from engine.config.settings import LOCAL, Settings
from engine.config.values import Effective, changes
from engine.config.workers import UNTOUCHED, WorkerRules

__all__ = [
    "LOCAL",
    "UNTOUCHED",
    "Config",
    "Effective",
    "Settings",
    "WorkerRules",
    "changes",
    "check",
    "load",
]
