"""One run of a workflow in view."""
