"""The scheduler: one round from a snapshot to grants, holds and what the next round knows."""
