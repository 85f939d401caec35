"""`python -m ancrage`: how the launcher starts its children, whatever the PATH."""

from ancrage.cli import main

main()
