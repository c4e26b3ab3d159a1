"""What there was at a moment that is past."""
