"""The detail of one job and its panes."""
