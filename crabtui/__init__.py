"""The console and the command line: how people watch and steer the engine."""
