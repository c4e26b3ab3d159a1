"""The Flows view, and one run on the whole screen."""
