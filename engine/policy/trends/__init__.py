"""How much was done, and how long it took, over time: sums in rings of fixed size."""
