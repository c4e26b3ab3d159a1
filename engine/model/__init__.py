"""What is: frozen values and the state table; no IO, no clock, no waiting."""
