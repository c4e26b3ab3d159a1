"""Remembering: one protocol, and a folder for each database that fulfils it."""
