"""Workflows: planned, found, pictured, and run again from where they failed."""
