"""Measurements against peers: `python -m tests.bench [NAME…]` prints one JSON document.

One file is one bench. Each has `measure() -> dict`: JSON values only, with the figures of
this project and of its peers, taken in the same run, and `ratios: {name: float}` (this
project over the peer; more is better) that can be compared between machines.
"""
