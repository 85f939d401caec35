"""Versions of the rules, proposals, and what a proposal would have changed."""

import json
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from chassis.rows import among
from services.referral.domain import Application, Assessment, Rules, State, local_day
from services.referral.domain.rules import (
    LOOKING_BACK,
    Decision,
    DryRun,
    Proposal,
    ProposalNotFound,
    ProposalState,
    try_out,
)
from services.referral.store.documents import assessment_document
from services.referral.store.rules import rule_proposals
from services.referral.store.tables import read_rules, referrals, rules

_AT_ONCE = 2_000  #: decisions held at a time, however many are looked at


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
    """What the proposal would have changed in a year; nothing is written."""
    tried = proposal.as_rules("", local_day(now))
    return try_out(tried, _decisions_since(session, now - LOOKING_BACK, tried))


def _decisions_since(session: Session, since: datetime, tried: Rules) -> Iterator[Decision]:
    """All decisions on what was submitted since then; entered in error counts for nothing."""
    read = lru_cache(_AT_ONCE)(_read)  # many came out alike, to the letter
    for rows in _rows_since(session, since):
        assessments = [read(row.assessment) for row in rows]
        lacking = [row.reference for row, each in zip(rows, assessments, strict=True) if not each.holds(tried)]
        answers = _answers_of(session, lacking)
        for row, assessment in zip(rows, assessments, strict=True):
            yield Decision(
                reference=row.reference,
                cms_area=row.cms_area,
                region=row.region,
                on=local_day(row.submitted_at),
                assessment=assessment,
                application=answers.get(row.reference),
            )


def _rows_since(session: Session, since: datetime) -> Iterator[Sequence[Any]]:
    """From the oldest on, some at a time, without the answers: opening them takes longer than all the rest."""
    table = referrals.c
    told = (table.reference, table.cms_area, table.region, table.submitted_at)
    query = sa.select(*told, sa.cast(table.assessment, sa.Text).label("assessment")).where(
        table.assessment.is_not(None), table.submitted_at >= since, table.state != State.ENTERED_IN_ERROR
    )
    query = query.order_by(table.submitted_at, table.reference).limit(_AT_ONCE)
    rows = session.execute(query).all()
    yield rows
    while len(rows) == _AT_ONCE:
        place = sa.tuple_(sa.literal(rows[-1].submitted_at, table.submitted_at.type), sa.literal(rows[-1].reference))
        rows = session.execute(query.where(sa.tuple_(table.submitted_at, table.reference) > place)).all()
        yield rows


def _answers_of(session: Session, references: Sequence[str]) -> dict[str, Application]:
    """Of those whose decision left something out that now counts."""
    if not references:
        return {}
    table = referrals.c
    found = sa.select(table.reference, table.application).where(among(session, table.reference, references))
    return {row.reference: row.application for row in session.execute(found)}


def _read(assessment: str) -> Assessment:
    return assessment_document().load(json.loads(assessment))
