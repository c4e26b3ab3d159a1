"""Workflows as they are shown: over time, as a tree, as a graph."""
