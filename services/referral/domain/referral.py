"""The referral: one request to take one person in, from the CMS's form to its end."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any, Final

from contracts.referral import (
    ReferralAccepted,
    ReferralConsentWithdrawn,
    ReferralContactCorrected,
    ReferralCostsReported,
    ReferralInformationNeeded,
    ReferralRejected,
    ReferralSubmitted,
    ReferralWithdrawn,
)
from services.referral.domain.application import Application
from services.referral.domain.communes import region_of
from services.referral.domain.eligibility import Assessment, Outcome, Rules, assess
from services.referral.domain.errors import (
    ConsentNotGiven,
    CostsNotAsked,
    IllegalTransition,
    UnknownWithdrawalReason,
)
from services.referral.domain.states import CLOSED, IN_PLACEMENT, MOVING, TRANSITIONS, State
from services.referral.domain.values import Person, Placement, local_day

ENTERED_IN_ERROR: Final = "entered_in_error"
DECLINED: Final = "person_declined"
EVALUATION: Final = "evaluation"
WITHDRAWAL_REASONS: Final = (
    DECLINED,
    "other_solution",
    "moved_away",
    "health",
    ENTERED_IN_ERROR,
    "other",
)
#: placement's code for who keeps waiting, but is not called until ready again
PASSED_OVER: Final = "offer_not_taken"


@dataclass(kw_only=True, eq=False)
class Referral:
    """The aggregate. Its state changes through the named transitions below; those that others must hear of
    return the event that tells it. All raise IllegalTransition where the state does not allow them.
    """

    id: str
    reference: str
    cms_area: str
    person: str
    avs_sealed: str
    pseudonym: str
    application: Application
    region: str | None
    submitted_by: str
    submitted_at: datetime
    state: State = State.DRAFT
    assessment: Assessment | None = None
    placement: Placement | None = None
    accepted_at: datetime | None = None
    queue: str | None = None  # the waiting list the person stands in, ready for a place
    queue_key: str | None = None  # what the list is ordered by; see queue_key()
    version: int | None = None

    @staticmethod
    def draft(id: str, reference: str, person: Person, application: Application, by: str, now: datetime) -> "Referral":
        return Referral(
            id=id,
            reference=reference,
            cms_area=application.cms_area,
            person=person.hash,
            avs_sealed=person.avs_sealed,
            pseudonym=person.pseudonym,
            application=application,
            region=region_of(application.commune_bfs),
            submitted_by=by,
            submitted_at=now,
        )

    def submit(self, now: datetime) -> ReferralSubmitted:
        self._move("submit")
        return self._submitted(now)

    def correct(self, person: Person, application: Application, by: str, now: datetime) -> ReferralSubmitted:
        """Takes corrected answers and sends them in again. The CMS that referred stays the same."""
        self._move("correct")
        self.person, self.avs_sealed, self.pseudonym = person.hash, person.avs_sealed, person.pseudonym
        self.application = replace(application, cms_area=self.cms_area)
        self.region = region_of(application.commune_bfs)
        self.submitted_by = by
        self.assessment = None
        return self._submitted(now)

    def decide(
        self, rules: Rules, seal: Callable[[dict[str, Any]], str], now: datetime
    ) -> ReferralAccepted | ReferralInformationNeeded | ReferralRejected:
        """Eligible or not, by the rules in force on the day it was sent in; `seal` closes the contact data."""
        assessment = assess(self.application, self.region, local_day(self.submitted_at), rules)
        if assessment.outcome is Outcome.INELIGIBLE:
            return self.reject(assessment)
        if assessment.outcome is Outcome.INFORMATION_NEEDED:
            return self.ask(assessment)
        return self.accept(assessment, seal, now)

    def reject(self, assessment: Assessment) -> ReferralRejected:
        self._move("reject")
        self.assessment = assessment
        return ReferralRejected(reference=self.reference, reasons=assessment.not_met, cms_area=self.cms_area)

    def ask(self, assessment: Assessment) -> ReferralInformationNeeded:
        self._move("ask")
        self.assessment = assessment
        return ReferralInformationNeeded(reference=self.reference, unknown=assessment.unknown, cms_area=self.cms_area)

    def accept(self, assessment: Assessment, seal: Callable[[dict[str, Any]], str], now: datetime) -> ReferralAccepted:
        self._move("accept")
        self.assessment, self.accepted_at = assessment, now
        answers = self.application
        return ReferralAccepted(
            reference=self.reference,
            pseudonym=self.pseudonym,
            region=str(self.region),
            language=answers.language,
            cms_area=self.cms_area,
            urgency=answers.urgency,
            birth_year=answers.birth_date.year,
            sex=answers.sex,
            evaluation_consent=answers.evaluation_consent,
            contact=seal(answers.contact()),
        )

    def withdraw(self, reason: str) -> ReferralWithdrawn:
        """Takes the referral back; `reason` is one of WITHDRAWAL_REASONS, else UnknownWithdrawalReason."""
        if reason not in WITHDRAWAL_REASONS:
            raise UnknownWithdrawalReason(reason)
        self._move("mark_entered_in_error" if reason == ENTERED_IN_ERROR else "withdraw")
        return ReferralWithdrawn(reference=self.reference, reason=reason, cms_area=self.cms_area)

    def correct_contact(
        self, told: Mapping[str, Any], seal: Callable[[dict[str, Any]], str]
    ) -> ReferralContactCorrected:
        """Takes other details of the person, those of CORRECTABLE; the state stays. Raises IllegalTransition."""
        if not self.may_correct_contact:
            raise IllegalTransition("correct the contact of", self.state)
        self.application = replace(self.application, **told)
        sealed = seal(self.application.contact())
        return ReferralContactCorrected(reference=self.reference, contact=sealed, cms_area=self.cms_area)

    def withdraw_evaluation_consent(self) -> ReferralConsentWithdrawn:
        """The person no longer agrees to be evaluated, at whatever time; all else goes on. Raises ConsentNotGiven."""
        if not self.is_evaluated:
            raise ConsentNotGiven(EVALUATION)
        self.application = replace(self.application, evaluation_consent=False)
        return ReferralConsentWithdrawn(reference=self.reference, purpose=EVALUATION, cms_area=self.cms_area)

    def report_costs(self, period: str, chf: int) -> ReferralCostsReported:
        """Tells the evaluation what a quarter cost. Raises CostsNotAsked."""
        if not self.may_report_costs:
            raise CostsNotAsked
        return ReferralCostsReported(reference=self.reference, pseudonym=self.pseudonym, period=period, chf=chf)

    def waitlist(self, group: str | None, position: int, reason: str, group_name: str | None = None) -> None:
        self._move("waitlist")
        self.placement = Placement(group=group, group_name=group_name, position=position, reason=reason)
        if reason != PASSED_OVER:
            self.queue, self.queue_key = f"{self.region}/{self.application.language}", queue_key(self)

    def offer(self, group: str, until: datetime, group_name: str | None = None) -> None:
        self._move("offer")
        self.placement = Placement(group=group, group_name=group_name, until=until)

    def release_offer(self) -> None:
        """The offer was declined or ran out: placement decides anew."""
        self._move("release_offer")
        self.placement = None

    def place(self, group: str, group_name: str, starts_on: date | None) -> None:
        self._move("place")
        self.placement = Placement(group=group, group_name=group_name, starts_on=starts_on)

    def start(self, group: str, on: date) -> None:
        """The first attendance; told again with another day where it was noted wrongly."""
        self._move("start")
        self.placement = replace(self._placement, group=group, starts_on=on, position=None, until=None)

    def correct_start(self, group: str, on: date) -> None:
        """The first day was another, and the person pauses meanwhile."""
        self._move("correct_start")
        self.placement = replace(self._placement, group=group, starts_on=on)

    def pause(self, on: date, reason: str) -> None:
        self._move("pause")
        self.placement = replace(self._placement, paused_on=on, reason=reason)

    def resume(self) -> None:
        self._move("resume")
        self.placement = replace(self._placement, paused_on=None, reason=None)

    def end(self, on: date, reason: str, planned: bool) -> None:
        self._move("end")
        self.placement = replace(
            self._placement, ended_on=on, reason=reason, planned=planned, position=None, until=None
        )

    def may(self, transition: str) -> bool:
        """Whether the state allows the transition of that name."""
        return self.state in TRANSITIONS[transition].sources

    def require(self, transition: str) -> None:
        """Raises IllegalTransition where the state does not allow the transition of that name."""
        if not self.may(transition):
            raise IllegalTransition(transition, self.state)

    @property
    def is_evaluated(self) -> bool:
        """Whether the person agrees to be evaluated, and there is something to evaluate or may be."""
        return self.application.evaluation_consent and not self.is_withdrawn and self.state is not State.INELIGIBLE

    @property
    def may_correct_contact(self) -> bool:
        """While somebody is in placement; before, the whole referral is corrected."""
        return self.state in IN_PLACEMENT

    @property
    def may_report_costs(self) -> bool:
        """From the acceptance on, beyond the end of the participation, as long as the person is evaluated."""
        return self.accepted_at is not None and self.is_evaluated

    @property
    def is_open(self) -> bool:
        return self.state not in CLOSED

    @property
    def is_withdrawn(self) -> bool:
        return self.state in (State.WITHDRAWN, State.ENTERED_IN_ERROR)

    @property
    def is_moving(self) -> bool:
        return self.state in MOVING

    @property
    def obstacles(self) -> tuple[str, ...]:
        """Codes of the criteria that keep it from being accepted: those not met, otherwise those unknown."""
        if self.assessment is None:
            return ()
        return self.assessment.not_met or self.assessment.unknown

    @property
    def _placement(self) -> Placement:
        return self.placement or Placement()

    def _submitted(self, now: datetime) -> ReferralSubmitted:
        self.submitted_at = now
        language = self.application.language
        return ReferralSubmitted(
            reference=self.reference, region=self.region, language=language, cms_area=self.cms_area
        )

    def _move(self, transition: str) -> None:
        self.require(transition)
        self.state = TRANSITIONS[transition].target
        self.queue = self.queue_key = None


#: what the key of everybody who is not urgent is greater than
AFTER_THE_URGENT: Final = "1"


def queue_key(referral: Referral) -> str:
    """What orders a waiting list, as text: urgent first, then the time of acceptance, then the reference.

    The programme's rule, which placement serves by; here it only tells the CMS where somebody stands by now.
    """
    urgent = "0" if referral.application.urgency == "high" else AFTER_THE_URGENT
    accepted_at = (referral.accepted_at or referral.submitted_at).astimezone(UTC)
    return f"{urgent}-{accepted_at:%Y%m%d%H%M%S%f}-{referral.reference}"
