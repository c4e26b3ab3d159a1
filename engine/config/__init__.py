"""Configuration: what is in effect, read once at the door and handed to who needs it."""

from engine.config.config import Config, check, load
from engine.config.contexts import ClientConfig, Context, read_client_config
from engine.config.schema import SSH
from engine.config.settings import LOCAL, Settings
from engine.config.values import Effective, changes
from engine.config.workers import UNTOUCHED, WorkerRules, read_worker

__all__ = [
    "LOCAL",
    "SSH",
    "UNTOUCHED",
    "ClientConfig",
    "Config",
    "Context",
    "Effective",
    "Settings",
    "WorkerRules",
    "changes",
    "check",
    "load",
    "read_client_config",
    "read_worker",
]
