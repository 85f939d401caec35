"""Versions of the rules, and what is proposed to become one."""

from collections.abc import Sequence
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from chassis.store import UTCDateTime
from services.referral.domain import Rules
from services.referral.domain.rules import Proposal, ProposalNotFound, ProposalState, RulesDayTaken
from services.referral.store.tables import mapping, metadata, rules

rule_proposals = sa.Table(
    "rule_proposals",
    metadata,
    sa.Column("id", sa.String(36), primary_key=True),
    sa.Column("minimum_age", sa.Integer, nullable=False),
    sa.Column("reference_age", sa.Integer, nullable=False),
    sa.Column("open_regions", sa.JSON, nullable=False),
    sa.Column("waived", sa.JSON, nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("proposed_by", sa.String(100), nullable=False),
    sa.Column("proposed_at", UTCDateTime, nullable=False),
    sa.Column("state", sa.Enum(ProposalState, native_enum=False, length=20, values_callable=list), nullable=False),
    sa.Column("became", sa.String(20)),
    sa.Column("version", sa.Integer, nullable=False),
)

mapping.map_imperatively(Proposal, rule_proposals, version_id_col=rule_proposals.c.version)


class RuleBook:
    def __init__(self, session: Session) -> None:
        self.session = session

    def propose(self, proposal: Proposal) -> None:
        self.session.add(proposal)

    def proposal(self, id: str) -> Proposal:
        """Raises ProposalNotFound."""
        found = self.session.scalar(sa.select(Proposal).where(rule_proposals.c.id == id).with_for_update())
        if found is None:
            raise ProposalNotFound(id)
        return found

    def versions(self) -> Sequence[str]:
        return self.session.scalars(sa.select(rules.c.version)).all()

    def add(self, version: Rules, by: str, now: datetime) -> None:
        """Raises RulesDayTaken: each day has one version that begins on it."""
        row = vars(version) | {"open_regions": list(version.open_regions), "waived": list(version.waived)}
        try:
            self.session.execute(sa.insert(rules).values(row | {"adopted_by": by, "adopted_at": now}))
        except IntegrityError as error:
            raise RulesDayTaken(version.valid_from.isoformat()) from error


def in_force(day: date) -> sa.Select:
    """The row of the version that holds on a day: the one that began last."""
    return sa.select(rules).where(rules.c.valid_from <= day).order_by(rules.c.valid_from.desc()).limit(1)
