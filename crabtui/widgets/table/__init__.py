"""Tables that draw only what is in view."""
