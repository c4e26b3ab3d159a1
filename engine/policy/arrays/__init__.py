"""Arrays: from a template to members, and from members to the whole."""
