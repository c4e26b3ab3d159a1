"""The Jobs view, and what it shares with other lists of jobs."""
