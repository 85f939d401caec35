"""Changing the rules: a version is proposed, tried on what was decided, and takes effect from a day on."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Final

from services.referral.domain.application import Application
from services.referral.domain.eligibility import CRITERIA, Assessment, Outcome, Result, Rules, assess, assess_again
from services.referral.domain.errors import ReferralError

#: how far back a proposal is tried
LOOKING_BACK: Final = timedelta(days=365)


class ProposalState(StrEnum):
    PROPOSED = "proposed"  # may be tried and changes nothing
    ADOPTED = "adopted"  # became a version of the rules
    DROPPED = "dropped"  # nobody wants it any more


class ProposalNotFound(ReferralError):
    """There is no such proposal."""


class ProposalSettled(ReferralError):
    """The proposal was adopted or dropped already."""


class RulesDayTaken(ReferralError):
    """Another version takes effect on that day, or the day is over."""


@dataclass(frozen=True, kw_only=True)
class ProposeRules:
    """The command that proposes a version, with the reason why."""

    minimum_age: int
    reference_age: int
    open_regions: tuple[str, ...]
    waived: tuple[str, ...]
    note: str


@dataclass(kw_only=True, eq=False)
class Proposal:
    """A version of the rules that is not one yet."""

    id: str
    minimum_age: int
    reference_age: int
    open_regions: list[str]
    waived: list[str]
    note: str
    proposed_by: str
    proposed_at: datetime
    state: ProposalState = ProposalState.PROPOSED
    became: str | None = None  # the version
    version: int | None = None

    @staticmethod
    def make(id: str, command: ProposeRules, by: str, now: datetime) -> "Proposal":
        return Proposal(
            id=id,
            minimum_age=command.minimum_age,
            reference_age=command.reference_age,
            open_regions=list(command.open_regions),
            waived=list(command.waived),
            note=command.note,
            proposed_by=by,
            proposed_at=now,
        )

    def as_rules(self, version: str, valid_from: date) -> Rules:
        """The rules that it would be."""
        ages = (self.minimum_age, self.reference_age)
        return Rules(version, valid_from, *ages, tuple(self.open_regions), tuple(self.waived))

    def adopt(self, version: str, valid_from: date, today: date) -> Rules:
        """The version that it becomes. Raises ProposalSettled, RulesDayTaken for a day that is over."""
        if valid_from < today:
            raise RulesDayTaken(valid_from.isoformat())
        self._settle(ProposalState.ADOPTED)
        self.became = version
        return self.as_rules(version, valid_from)

    def drop(self) -> None:
        """Raises ProposalSettled."""
        self._settle(ProposalState.DROPPED)

    def _settle(self, state: ProposalState) -> None:
        if self.state is not ProposalState.PROPOSED:
            raise ProposalSettled(self.id)
        self.state = state


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision that was made: on which day, with which result; and on which answers, where that does not tell all."""

    reference: str
    cms_area: str
    region: str | None
    on: date
    assessment: Assessment
    application: Application | None = None

    def again(self, rules: Rules) -> Assessment:
        """The same decision by other rules."""
        if self.application is None:
            return assess_again(self.assessment, self.region, rules)
        return assess(self.application, self.region, self.on, rules)


@dataclass(frozen=True, kw_only=True)
class Change:
    """A decision that other rules would make differently, and the criteria that come out differently."""

    reference: str
    cms_area: str
    before: Outcome
    after: Outcome
    criteria: tuple[str, ...]


@dataclass(frozen=True)
class DryRun:
    """What a version would have changed; nothing was."""

    looked_at: int
    changes: Sequence[Change]

    @property
    def newly_eligible(self) -> list[Change]:
        return [change for change in self.changes if change.after is Outcome.ELIGIBLE]

    @property
    def no_longer_eligible(self) -> list[Change]:
        return [change for change in self.changes if change.before is Outcome.ELIGIBLE]

    @property
    def other(self) -> list[Change]:
        """Neither: information missing where a criterion was not met, or the other way round."""
        return [change for change in self.changes if Outcome.ELIGIBLE not in (change.before, change.after)]


def try_out(rules: Rules, decisions: Iterable[Decision]) -> DryRun:
    """Decides all again by other rules, each on its own day; one pass, keeping only what differs."""
    looked_at, changes = 0, []
    for decision in decisions:
        looked_at += 1
        again = decision.again(rules)
        if again.outcome is not decision.assessment.outcome:
            changes.append(_change(decision, again))
    return DryRun(looked_at, changes)


def _change(decision: Decision, again: Assessment) -> Change:
    before, after = (dict.fromkeys(CRITERIA, Result.MET) | _results(each) for each in (decision.assessment, again))
    return Change(
        reference=decision.reference,
        cms_area=decision.cms_area,
        before=decision.assessment.outcome,
        after=again.outcome,
        criteria=tuple(code for code in CRITERIA if before[code] is not after[code]),
    )


def _results(assessment: Assessment) -> dict[str, Result]:
    """Of the criteria that counted; one that does not stands in nobody's way."""
    return {criterion.code: criterion.result for criterion in assessment.criteria}


def next_version(year: int, versions: Iterable[str]) -> str:
    """2026-3 after 2026-2: versions are counted within the year in which they take effect."""
    counts = [int(count) for of, _dash, count in (version.partition("-") for version in versions) if of == str(year)]
    return f"{year}-{max(counts, default=0) + 1}"
