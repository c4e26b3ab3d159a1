"""The Pulse view and its panes."""
