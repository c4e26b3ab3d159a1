"""What is kept in memory to decide quickly: it can always be read again from disk."""
