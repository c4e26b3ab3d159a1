"""The working set and the group-commit writer: the only way to change anything."""
