"""One job as it is shown: its attempts, gates, kin, usage, and what an act would do to it."""
