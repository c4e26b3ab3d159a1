"""Files that are read or written for people and other programs."""
