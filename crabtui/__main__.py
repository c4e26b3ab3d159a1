"""`crabtui` and `python -m crabtui`: hand the words over and report how it went."""

import sys


def main() -> int:
    """Run one command line. Returns: the exit code."""
    from crabtui.cli.run_line import run_line

    return run_line(sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
