"""The detached runner: each attempt's owner on its own host. Standard library only."""
