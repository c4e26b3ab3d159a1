"""Hosts elsewhere over plain SSH: addresses, host keys, connections, and the line to a host."""
