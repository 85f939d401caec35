"""Where commands draw: as wide as the terminal, or as wide as it takes where nobody sees it fold."""

import sys

from rich.console import Console

#: columns of what goes into a file or another program
WIDE = 250


def console() -> Console:
    return Console(highlight=False, width=None if sys.stdout.isatty() else WIDE)
