"""Recurring work: when a schedule is due, and which of its runs are started."""
