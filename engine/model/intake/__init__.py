"""Jobs as people write them, made into specs, or refused with the place and the remedy."""

from engine.model.intake.command import check_surroundings
from engine.model.intake.reader import Reader, read_job
from engine.model.intake.table import FREE_KEYS, JOB_KEYS, KEY_TYPES

__all__ = ["FREE_KEYS", "JOB_KEYS", "KEY_TYPES", "Reader", "check_surroundings", "read_job"]
