"""One backend at work, as tests speak of it."""

from engine.testing.hands import EPOCH, PATH, Hands

__all__ = ["EPOCH", "PATH", "Hands"]
