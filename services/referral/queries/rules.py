"""Versions of the rules, proposals, and what a proposal would have changed."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from services.referral.domain import Rules, State, local_day
from services.referral.domain.rules import (
    LOOKING_BACK,
    Decision,
    DryRun,
    Proposal,
    ProposalNotFound,
    ProposalState,
    try_out,
)
from services.referral.store.rules import rule_proposals
from services.referral.store.tables import read_rules, referrals, rules

_AT_ONCE = 500  #: decisions held at a time, however many are looked at


def list_versions(session: Session) -> list[Rules]:
    """The newest first."""
    return [read_rules(row) for row in session.execute(sa.select(rules).order_by(rules.c.valid_from.desc()))]


def open_proposals(session: Session) -> Sequence[Proposal]:
    """Those that wait for somebody to decide, the newest first."""
    table = rule_proposals.c
    waiting = sa.select(Proposal).where(table.state == ProposalState.PROPOSED)
    return session.scalars(waiting.order_by(table.proposed_at.desc(), table.id)).all()


def proposal_of(session: Session, id: str) -> Proposal:
    """Raises ProposalNotFound."""
    proposal = session.get(Proposal, id)
    if proposal is None:
        raise ProposalNotFound(id)
    return proposal


def dry_run(session: Session, proposal: Proposal, now: datetime) -> DryRun:
    """What the proposal would have changed in a year: one SELECT, nothing written."""
    return try_out(proposal.as_rules("", local_day(now)), _decisions_since(session, now - LOOKING_BACK))


def _decisions_since(session: Session, since: datetime) -> Iterator[Decision]:
    """All decisions on what was submitted since then; entered in error counts for nothing."""
    table = referrals.c
    told = (table.reference, table.cms_area, table.region, table.submitted_at, table.application, table.assessment)
    decided = sa.select(*told).where(table.assessment.is_not(None), table.submitted_at >= since)
    query = decided.where(table.state != State.ENTERED_IN_ERROR).order_by(table.reference)
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield Decision(
            reference=row.reference,
            cms_area=row.cms_area,
            region=row.region,
            on=local_day(row.submitted_at),
            application=row.application,
            assessment=row.assessment,
        )
