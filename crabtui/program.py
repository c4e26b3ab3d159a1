"""How this program starts itself."""

import sys
from typing import Final

PROGRAM: Final = (sys.executable, "-P", "-m", "crabtui")
"""Words before the verb. `-P`: a folder `engine` or `crabtui` where people stand is theirs."""
