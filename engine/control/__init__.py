"""The door: what client and daemon say to each other, and the two clients that say it."""
