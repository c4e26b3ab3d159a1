"""The Events view and its keys."""
