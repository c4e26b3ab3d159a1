"""The console for a long time under a steady rain of events: what grows, and what is left."""
