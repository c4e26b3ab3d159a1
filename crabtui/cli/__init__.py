"""The command line: one verb, one file, each loaded only when it is asked for."""
