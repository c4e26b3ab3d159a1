"""The workers that belong to the daemon: who they are, and who looks after each."""
