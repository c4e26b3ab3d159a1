"""Lines across the screen, above and below everything."""
