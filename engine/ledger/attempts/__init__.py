"""The life of attempts: granted, ordered, reported, settled."""
