"""The timeline of a referral: what each partner did, and when."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(kw_only=True, eq=False)
class Entry:
    """One thing that happened. `id` is that of the event that told it, so that none is noted twice.

    `type` is an event type; `data` holds codes and dates, and the CMS's own note where it gave one.
    """

    id: str
    referral_id: str
    at: datetime
    type: str
    data: Mapping[str, Any] = field(default_factory=dict)
