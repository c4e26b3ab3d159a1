"""Where one is in time."""
