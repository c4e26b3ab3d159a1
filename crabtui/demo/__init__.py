"""A real workload in a place of its own: what `crabtui demo` submits, and how it is watched."""
