"""Panes: titled, with lines in them."""
