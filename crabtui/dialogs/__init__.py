"""Questions on top of a view: each a modal screen with one answer."""
