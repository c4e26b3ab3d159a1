"""What others take of a worker, in words."""

from engine.model.burden import Burden

MOST_NAMED = 4
"""Devices that are named one by one."""


def burden_text(dimension: str, burden: Burden) -> str:
    """Why less of a dimension is free than our attempts leave; empty if that is all."""
    if dimension == "memory_mb" and burden.memory_mb:
        return f"others use {burden.memory_mb} MB there"
    if dimension == "gpu" and burden.devices:
        told = [f"device {index} {why}" for index, why in sorted(burden.devices.items())]
        more = [f"{len(told) - MOST_NAMED} more"] if len(told) > MOST_NAMED else []
        return ", ".join([*told[:MOST_NAMED], *more])
    return ""
