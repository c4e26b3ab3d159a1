"""What can be done: every action once, what it would do, and how it is carried out."""
