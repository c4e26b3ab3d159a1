"""Workflows as people write them, made into definitions, or refused with the place."""

from engine.model.intake.workflow.reading import read_growth, read_workflow
from engine.model.intake.workflow.table import FLOW_KEY_TYPES, FLOW_KEYS, TASK_KEYS

__all__ = ["FLOW_KEYS", "FLOW_KEY_TYPES", "TASK_KEYS", "read_growth", "read_workflow"]
