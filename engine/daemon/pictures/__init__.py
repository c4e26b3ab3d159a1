"""How things stand, as clients are told."""
