"""A log in view."""
