"""Changing the rules by which eligibility is decided."""

from datetime import date

from services.referral.domain import Rules
from services.referral.domain.rules import Proposal, ProposeRules, next_version
from services.referral.store import Unit


def propose_rules(unit: Unit, command: ProposeRules, by: str) -> Proposal:
    """Keeps a proposal, which changes nothing."""
    proposal = Proposal.make(unit.new_id(), command, by, unit.now)
    unit.rule_book.propose(proposal)
    return proposal


def adopt_rules(unit: Unit, id: str, valid_from: date, by: str) -> Rules:
    """A proposal takes effect: what is submitted from that day on is decided by it, what was decided stays.

    Raises ProposalNotFound, ProposalSettled, RulesDayTaken.
    """
    proposal = unit.rule_book.proposal(id)
    version = next_version(valid_from.year, unit.rule_book.versions())
    rules = proposal.adopt(version, valid_from, unit.today)
    unit.rule_book.add(rules, by, unit.now)
    return rules


def drop_proposal(unit: Unit, id: str) -> None:
    """Raises ProposalNotFound, ProposalSettled."""
    unit.rule_book.proposal(id).drop()
