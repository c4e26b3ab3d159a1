"""How the engine stands, and what was done to it."""
