"""The logs of jobs: where they lie, and what is in them."""
