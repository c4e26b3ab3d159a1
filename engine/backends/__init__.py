"""Doing: one protocol, and the ways there are to run an attempt."""
