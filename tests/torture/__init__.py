"""Kill the daemon at random instants, again and again, and count what was lost or doubled."""
