"""What should happen: pure functions from a snapshot to decisions with their reasons."""
