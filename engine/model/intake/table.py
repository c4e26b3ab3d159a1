"""Every key that a submitted job may have, and what the engine sets itself."""

from collections.abc import Mapping
from typing import Any, Final

from engine.model.intake.amounts import AMOUNT_KEYS
from engine.model.intake.calls import CALL_FREE_KEYS, CALL_KEYS, PAYLOAD
from engine.model.intake.checkout import WORKSPACE_KEYS
from engine.model.intake.command import COMMAND_KEYS
from engine.model.intake.constraints import CONSTRAINT_KEYS
from engine.model.intake.draft import Draft
from engine.model.intake.gate import GATE_KEYS
from engine.model.intake.hooks import HOOK_KEYS
from engine.model.intake.keeping import KEEPING_KEYS
from engine.model.intake.labels import LABEL_KEYS
from engine.model.intake.maps import Setter
from engine.model.intake.retry import RETRY_KEYS
from engine.model.intake.wrong import Wrong


def _engines_own(_draft: Draft, _value: Any, key: str) -> None:
    raise Wrong(f"{key!r} is set by the engine and cannot be submitted")


JOB_KEYS: Final[Mapping[str, Setter]] = {
    **COMMAND_KEYS,
    **PAYLOAD,
    **CALL_KEYS,
    **LABEL_KEYS,
    **AMOUNT_KEYS,
    **RETRY_KEYS,
    **CONSTRAINT_KEYS,
    **WORKSPACE_KEYS,
    **GATE_KEYS,
    **HOOK_KEYS,
    **KEEPING_KEYS,
}
"""What a job may say."""

OWN_KEYS: Final[Mapping[str, Setter]] = dict.fromkeys(
    [
        "id",
        "status",
        "state",
        "created_at",
        "queued_at",
        "started_at",
        "completed_at",
        "backend",
        "worker_id",
        "attempt",
        "result",
        "error",
    ],
    _engines_own,
)

KEY_TYPES: Final[Mapping[str, type]] = {
    **dict.fromkeys(
        [
            "timeout_ms",
            "hard_timeout_ms",
            "soft_timeout_ms",
            "grace_ms",
            "cpu_milli",
            "memory_mb",
            "gpu_count",
            "storage_mb",
            "estimated_duration_ms",
            "max_attempts",
            "max_retries",
            "retries",
            "retry_backoff_ms",
            "base_ms",
            "max_ms",
            "exit_codes",
            "parent_id",
            "max_concurrent_in_group",
            "agent_phase",
            "log_cap_bytes",
            "max_tokens",
            "custom",
        ],
        int,
    ),
    **dict.fromkeys(["max_cost_usd", "multiplier"], float),
    **dict.fromkeys(
        [
            "hold",
            "held",
            "open_stdin",
            "wants_result",
            "is_critical",
            "is_promotion_gate",
            "optional",
            "jitter",
            "on_signal",
            "on_timeout",
            "requires_network",
            "requires_external_api",
        ],
        bool,
    ),
}
"""Keys whose values are no text, for files in which every scalar is written alike."""

FREE_KEYS: Final = frozenset({"metadata", *CALL_FREE_KEYS})
"""Keys below which a file's own types count."""
