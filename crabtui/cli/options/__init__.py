"""Flags that verbs share."""
