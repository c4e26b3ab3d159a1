"""What becomes of one worker: trusted, tried again, or kept from work."""
