"""What becomes of one job: attempts, ends, retries, acts of operators, time."""
