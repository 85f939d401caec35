"""API tokens for those who send referrals."""

from datetime import timedelta
from typing import TYPE_CHECKING

from ancrage.trouble import Exit, Trouble
from contracts import people
from contracts.vocabulary import CMS_AREAS

if TYPE_CHECKING:
    from chassis.settings import Settings


def issue(settings: "Settings", area: str, days: int) -> str:
    """A token for the referrals of `area` (or `all`); raises Trouble for an area that is none, or a missing key."""
    from chassis.clock import SystemClock
    from chassis.crypto import issue_token
    from chassis.settings import SettingsError

    if area not in (*CMS_AREAS, people.ALL_AREAS):
        raise Trouble(f"there is no area {area!r}; there are: {', '.join(CMS_AREAS)}, and all", Exit.UNKNOWN)
    try:
        return issue_token(settings.keys.token, claims(area), SystemClock().now(), timedelta(days=days))
    except SettingsError as error:
        raise Trouble(f"{error}. Is --data the folder of the system?", Exit.SETTINGS) from error


def claims(area: str) -> dict[str, object]:
    """What the token says: who sends (an integration, by its area), for which areas, and what it may do."""
    return {
        "sub": f"integration:{area}",
        "areas": [area],
        "scopes": [people.REFERRALS_WRITE, people.REFERRALS_READ],
    }
