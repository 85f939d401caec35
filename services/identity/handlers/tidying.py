"""What means nothing any more goes."""

from datetime import timedelta
from typing import TYPE_CHECKING

from services.identity.handlers.signing_in import forget_attempts

if TYPE_CHECKING:
    from services.identity.wiring import IdentityContext

#: how long an administrator sees what became of a letter
LETTERS_KEPT = timedelta(days=90)


def forget_old(context: "IdentityContext") -> None:
    """Drops old attempts, links whose time is over, and letters that were settled long ago."""
    forget_attempts(context)
    with context.unit() as unit:
        unit.links.forget(unit.now)
        unit.letters.forget(unit.now - LETTERS_KEPT)
