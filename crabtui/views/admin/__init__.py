"""The Admin view and its panes."""
