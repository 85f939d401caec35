"""Letting other systems in, and out again."""

from services.referral.domain import ApiToken, IssueToken
from services.referral.store import Unit


def issue_token(unit: Unit, command: IssueToken, by: str) -> ApiToken:
    """Enters a token in the register; who signs its claims hands it out once."""
    token = ApiToken.issue(unit.new_id(), command, by, unit.now)
    unit.tokens.add(token)
    return token


def end_token(unit: Unit, id: str, by: str) -> ApiToken:
    """The token opens nothing any more, from the next request on. Raises TokenNotFound."""
    token = unit.tokens.get(id)
    token.end(by, unit.now)
    return token
