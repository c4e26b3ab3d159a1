"""The process: one daemon for each state directory, and the only place that knows everybody."""
