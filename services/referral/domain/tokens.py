"""The tokens that other systems send with: whose they are, what they let do, and until when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any


@dataclass(frozen=True, kw_only=True)
class IssueToken:
    """The command that lets another system in: for which CMS areas (or `all`), for what, for how long."""

    organisation: str
    areas: list[str]
    scopes: list[str]
    lasting: timedelta


@dataclass(kw_only=True, eq=False)
class ApiToken:
    """What the register knows of a token; the token itself is shown once and kept nowhere.

    States: running -> ended; a token past `expires_at` counts no more, ended or not.
    """

    id: str
    organisation: str
    areas: list[str]
    scopes: list[str]
    issued_by: str
    issued_at: datetime
    expires_at: datetime
    ended_by: str | None = None
    ended_at: datetime | None = None

    @staticmethod
    def issue(id: str, command: IssueToken, by: str, now: datetime) -> "ApiToken":
        return ApiToken(
            id=id,
            organisation=command.organisation,
            areas=command.areas,
            scopes=command.scopes,
            issued_by=by,
            issued_at=now,
            expires_at=now + command.lasting,
        )

    def end(self, by: str, now: datetime) -> None:
        """It opens nothing any more; the first end counts."""
        if self.ended_at is None:
            self.ended_by, self.ended_at = by, now

    def claims(self) -> Mapping[str, Any]:
        """What the signed token says."""
        return {"jti": self.id, "sub": f"integration:{self.organisation}", "areas": self.areas, "scopes": self.scopes}
