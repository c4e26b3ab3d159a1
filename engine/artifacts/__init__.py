"""Artifacts: bytes kept by their SHA-256, and what they are artifacts of."""
