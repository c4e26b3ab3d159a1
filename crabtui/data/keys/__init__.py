"""Keys: their names, and who wants which for what."""
