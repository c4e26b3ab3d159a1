"""Workflows: whether a graph is one, what it is like, and what a run of it came to."""
