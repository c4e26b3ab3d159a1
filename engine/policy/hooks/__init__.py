"""Hooks: which of them an event fires, and what their jobs are told."""
