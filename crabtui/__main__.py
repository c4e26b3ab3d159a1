"""`crabtui` and `python -m crabtui`: hand the words over and report how it went."""

import gc
import os
import sys


def main() -> int:
    """Run one command line. Returns: the exit code, or does not return at all.

    Half of a short command's time is the interpreter's: few collections while modules are
    loaded, and no tidying up where no event loop ever ran, save a quarter of the whole.
    """
    gc.set_threshold(10_000, 20, 50)
    try:
        from crabtui.cli.frame.run_line import run_line

        code = run_line(sys.argv[1:])
    except KeyboardInterrupt:
        code = 130
    if "asyncio" not in sys.modules:
        sys.stderr.flush()
        os._exit(code)
    return code


if __name__ == "__main__":
    sys.exit(main())
