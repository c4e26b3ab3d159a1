"""Getting through the door, and seeing that there is one."""
