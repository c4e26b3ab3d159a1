"""Logs as they are shown: whatever their size, and whatever is in them."""
