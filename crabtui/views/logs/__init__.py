"""Logs, in a pane and on the whole screen."""
